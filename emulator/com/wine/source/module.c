/* The module: its classes, how COM gets at them, and what it writes into the registry. */

#include "classes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

#include <ole2.h>
#include <olectl.h>

const Library libraries[LIBRARIES] = {
    [LIBRARY_2] =
        {{0x4351618F, 0x9059, 0x4A79, {0xB6, 0x38, 0xDC, 0xB8, 0xB9, 0x7B, 0x32, 0x62}}, L"QBXMLRP2 1.0 Type Library", L"1.0", 1},
    [LIBRARY_OLD] =
        {{0x2D0E74A9, 0x021A, 0x11D5, {0x90, 0x54, 0x00, 0x50, 0x8B, 0xF7, 0x0A, 0x94}}, L"QBXMLRP 1.1 Type Library", L"1.1", 2},
};

const Interface interfaces[INTERFACES] = {
    [PROCESSOR_1] = {{0x2D0E74B5, 0x021A, 0x11D5, {0x90, 0x54, 0x00, 0x50, 0x8B, 0xF7, 0x0A, 0x94}}, L"IRequestProcessor", LIBRARY_OLD},
    [PROCESSOR_2] = {{0xAC48EB1D, 0xE953, 0x446B, {0xA6, 0x3C, 0x77, 0xE7, 0x86, 0x2D, 0xE4, 0xB8}}, L"IRequestProcessor2", LIBRARY_OLD},
    [PROCESSOR_3] = {{0x3B635BF7, 0x6DA9, 0x46C8, {0xA1, 0xF6, 0xF0, 0xC9, 0x3F, 0x10, 0xD5, 0x2F}}, L"IRequestProcessor3", LIBRARY_2},
    [PROCESSOR_4] = {{0x8DB91B17, 0xD5A2, 0x41DB, {0x80, 0xA7, 0xCC, 0x6F, 0x1E, 0x44, 0x9A, 0x05}}, L"IRequestProcessor4", LIBRARY_2},
    [PROCESSOR_5] = {{0x9F44A4C6, 0xB26E, 0x4277, {0xB5, 0x14, 0xF7, 0x76, 0x24, 0x3F, 0xFC, 0x01}}, L"IRequestProcessor5", LIBRARY_2},
    [PREFERENCES] = {{0x4277578A, 0x9687, 0x4EBC, {0x85, 0x86, 0x1C, 0xA4, 0x75, 0x9B, 0x17, 0xC3}}, L"IAuthPreferences", LIBRARY_2},
    [PREFERENCES_2] = {{0xF810CC1A, 0x151E, 0x48A8, {0x84, 0xC9, 0x3F, 0x69, 0x78, 0xFB, 0x69, 0x9C}}, L"IAuthPreferences2", LIBRARY_2},
};

const Class classes[CLASSES] = {
    [CLASS_1] =
        {{0x45F5708E, 0x3B43, 0x4FA8, {0xBE, 0x7E, 0xA5, 0xF1, 0x84, 0x92, 0x14, 0xCB}},
         L"RequestProcessor2 Class", L"QBXMLRP2.RequestProcessor.1", NULL, "QBXMLRP2.RequestProcessor.1", PROCESSOR_4},
    [CLASS_2] =
        {{0x71F531F5, 0x8E67, 0x4A7A, {0x91, 0x61, 0x15, 0x73, 0x3F, 0xFC, 0x32, 0x06}},
         L"RequestProcessor3 Class", L"QBXMLRP2.RequestProcessor.2", L"QBXMLRP2.RequestProcessor", "QBXMLRP2.RequestProcessor.2", PROCESSOR_5},
    [CLASS_OLD] =
        {{0x2D0E74B6, 0x021A, 0x11D5, {0x90, 0x54, 0x00, 0x50, 0x8B, 0xF7, 0x0A, 0x94}},
         L"RequestProcessor Class", L"QBXMLRP.RequestProcessor.1", L"QBXMLRP.RequestProcessor", "QBXMLRP.RequestProcessor.1", PROCESSOR_2},
};

HMODULE module;
LONG objects;

WCHAR *module_path(void)
{
    for (DWORD size = 256; size < 0x10000; size *= 2) {
        WCHAR *path = malloc((size + 2) * sizeof *path); /* and room for "\2", the number of a type library */
        DWORD length = path ? GetModuleFileNameW(module, path, size) : 0;
        if (length && length < size)
            return path;
        free(path);
        if (!length)
            return NULL;
    }
    return NULL;
}

/* ---- the class factory ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    const IClassFactoryVtbl *table;
    const Class *of;
} Factory;

/* Factories are part of the module, and who holds one holds the module. */
static ULONG STDMETHODCALLTYPE factory_add_ref(IClassFactory *self)
{
    (void)self;
    return (ULONG)InterlockedIncrement(&objects);
}

static ULONG STDMETHODCALLTYPE factory_release(IClassFactory *self)
{
    (void)self;
    return (ULONG)InterlockedDecrement(&objects);
}

static HRESULT STDMETHODCALLTYPE factory_query(IClassFactory *self, REFIID wanted, void **found)
{
    if (!found)
        return E_POINTER;
    *found = IsEqualGUID(wanted, &IID_IUnknown) || IsEqualGUID(wanted, &IID_IClassFactory) ? self : NULL;
    if (!*found)
        return E_NOINTERFACE;
    factory_add_ref(self);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE factory_create(IClassFactory *self, IUnknown *outer, REFIID wanted, void **made)
{
    if (!made)
        return E_POINTER;
    *made = NULL;
    return outer ? CLASS_E_NOAGGREGATION : processor_create(((Factory *)self)->of, wanted, made);
}

static HRESULT STDMETHODCALLTYPE factory_lock(IClassFactory *self, BOOL lock)
{
    (void)self;
    if (lock)
        InterlockedIncrement(&objects);
    else
        InterlockedDecrement(&objects);
    return S_OK;
}

static const IClassFactoryVtbl factory_table = {factory_query, factory_add_ref, factory_release, factory_create, factory_lock};
static Factory factories[CLASSES] = {
    {&factory_table, &classes[CLASS_1]}, {&factory_table, &classes[CLASS_2]}, {&factory_table, &classes[CLASS_OLD]}};

/* ---- what is written into the registry ------------------------------------------------------------------------------------------- */

enum { GUID_LENGTH = 39 }; /* of a GUID in braces, with its zero */

/* Write a text at a key whose path is the words up to NULL, joined. `name` NULL stands for the key's own value. */
static LONG put(HKEY root, const WCHAR *name, const WCHAR *value, ...)
{
    va_list words;
    size_t length = 1;
    HKEY key;
    va_start(words, value);
    for (const WCHAR *word; (word = va_arg(words, const WCHAR *));)
        length += wcslen(word);
    va_end(words);
    WCHAR *path = calloc(length, sizeof *path);
    if (!path)
        return ERROR_OUTOFMEMORY;
    va_start(words, value);
    for (const WCHAR *word; (word = va_arg(words, const WCHAR *));)
        wcscat(path, word);
    va_end(words);
    LONG error = RegCreateKeyExW(root, path, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL);
    free(path);
    if (error)
        return error;
    error = RegSetValueExW(key, name, 0, REG_SZ, (const BYTE *)value, (DWORD)((wcslen(value) + 1) * sizeof *value));
    RegCloseKey(key);
    return error;
}

static LONG register_class(HKEY root, const Class *of, const WCHAR *path)
{
    WCHAR id[GUID_LENGTH], library[GUID_LENGTH];
    StringFromGUID2(&of->id, id, GUID_LENGTH);
    StringFromGUID2(&libraries[interfaces[of->default_interface].types].id, library, GUID_LENGTH);
    const WCHAR *current = of->current ? of->current : L"QBXMLRP2.RequestProcessor";
    LONG error = put(root, NULL, of->name, L"CLSID\\", id, NULL);
    error = error ? error : put(root, NULL, path, L"CLSID\\", id, L"\\InprocServer32", NULL);
    error = error ? error : put(root, L"ThreadingModel", L"Apartment", L"CLSID\\", id, L"\\InprocServer32", NULL);
    error = error ? error : put(root, NULL, of->progid, L"CLSID\\", id, L"\\ProgID", NULL);
    error = error ? error : put(root, NULL, current, L"CLSID\\", id, L"\\VersionIndependentProgID", NULL);
    error = error ? error : put(root, NULL, library, L"CLSID\\", id, L"\\TypeLib", NULL);
    error = error ? error : put(root, NULL, L"", L"CLSID\\", id, L"\\Programmable", NULL);
    error = error ? error : put(root, NULL, of->name, of->progid, NULL);
    error = error ? error : put(root, NULL, id, of->progid, L"\\CLSID", NULL);
    if (!error && of->current) {
        error = put(root, NULL, of->name, of->current, NULL);
        error = error ? error : put(root, NULL, id, of->current, L"\\CLSID", NULL);
        error = error ? error : put(root, NULL, of->progid, of->current, L"\\CurVer", NULL);
    }
    return error;
}

static LONG register_library(HKEY root, const Library *library, const WCHAR *path)
{
    static const WCHAR *const platform = sizeof(void *) == 8 ? L"\\0\\win64" : L"\\0\\win32";
    WCHAR id[GUID_LENGTH], *within = malloc((wcslen(path) + 3) * sizeof *within);
    if (!within)
        return ERROR_OUTOFMEMORY;
    wcscpy(within, path);
    if (library->resource != 1)
        wcscat(within, L"\\2");
    StringFromGUID2(&library->id, id, GUID_LENGTH);
    LONG error = put(root, NULL, library->name, L"TypeLib\\", id, L"\\", library->version, NULL);
    error = error ? error : put(root, NULL, within, L"TypeLib\\", id, L"\\", library->version, platform, NULL);
    error = error ? error : put(root, NULL, L"0", L"TypeLib\\", id, L"\\", library->version, L"\\FLAGS", NULL);
    free(within);
    return error;
}

/* COM carries calls of these interfaces between threads by what the type library says of them. */
static LONG register_interface(HKEY root, const Interface *of)
{
    WCHAR id[GUID_LENGTH], library[GUID_LENGTH];
    StringFromGUID2(&of->id, id, GUID_LENGTH);
    StringFromGUID2(&libraries[of->types].id, library, GUID_LENGTH);
    LONG error = put(root, NULL, of->name, L"Interface\\", id, NULL);
    error = error ? error : put(root, NULL, L"{00020424-0000-0000-C000-000000000046}", L"Interface\\", id, L"\\ProxyStubClsid32", NULL);
    error = error ? error : put(root, NULL, library, L"Interface\\", id, L"\\TypeLib", NULL);
    return error ? error : put(root, L"Version", libraries[of->types].version, L"Interface\\", id, L"\\TypeLib", NULL);
}

HRESULT register_all(HKEY root)
{
    WCHAR *path = module_path();
    LONG error = path ? 0 : ERROR_OUTOFMEMORY;
    for (int each = 0; each < CLASSES && !error; each++)
        error = register_class(root, &classes[each], path);
    for (int each = 0; each < LIBRARIES && !error; each++)
        error = register_library(root, &libraries[each], path);
    for (int each = 0; each < INTERFACES && !error; each++)
        error = register_interface(root, &interfaces[each]);
    free(path);
    return HRESULT_FROM_WIN32((ULONG)error);
}

static void forget(HKEY root, const WCHAR *folder, const GUID *id)
{
    WCHAR path[16 + GUID_LENGTH]; /* the folder is one of our own words */
    wcscpy(path, folder);
    StringFromGUID2(id, path + wcslen(folder), GUID_LENGTH);
    RegDeleteTreeW(root, path);
    RegDeleteKeyW(root, path);
}

/* Forget everything; what is not there is passed over. The names and type libraries are shared with the module of the other width: it
   is to be unregistered or registered again, too. */
void unregister_all(HKEY root)
{
    for (int each = 0; each < CLASSES; each++) {
        forget(root, L"CLSID\\", &classes[each].id);
        RegDeleteTreeW(root, classes[each].progid);
        RegDeleteKeyW(root, classes[each].progid);
        if (classes[each].current) {
            RegDeleteTreeW(root, classes[each].current);
            RegDeleteKeyW(root, classes[each].current);
        }
    }
    for (int each = 0; each < LIBRARIES; each++)
        forget(root, L"TypeLib\\", &libraries[each].id);
    for (int each = 0; each < INTERFACES; each++)
        forget(root, L"Interface\\", &interfaces[each].id);
}

/* ---- what the module exports ------------------------------------------------------------------------------------------------------ */

static HRESULT with_root(BOOL registers, HKEY hive)
{
    HKEY root;
    LONG error = RegCreateKeyExW(hive, L"Software\\Classes", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &root, NULL);
    HRESULT code = HRESULT_FROM_WIN32((ULONG)error);
    if (error)
        return code;
    if (registers)
        code = register_all(root);
    else
        unregister_all(root);
    RegCloseKey(root);
    return code;
}

HRESULT WINAPI DllRegisterServer(void) { return with_root(TRUE, HKEY_LOCAL_MACHINE); }

HRESULT WINAPI DllUnregisterServer(void) { return with_root(FALSE, HKEY_LOCAL_MACHINE); }

/* `regsvr32 /n /i:user` registers for the user alone, which needs no rights of an administrator. */
HRESULT WINAPI DllInstall(BOOL registers, const WCHAR *words)
{
    return with_root(registers, words && !_wcsicmp(words, L"user") ? HKEY_CURRENT_USER : HKEY_LOCAL_MACHINE);
}

HRESULT WINAPI DllGetClassObject(REFCLSID id, REFIID wanted, void **found)
{
    if (!found)
        return E_POINTER;
    *found = NULL;
    for (int each = 0; each < CLASSES; each++)
        if (IsEqualGUID(id, &classes[each].id))
            return factory_query((IClassFactory *)&factories[each], wanted, found);
    return CLASS_E_CLASSNOTAVAILABLE;
}

HRESULT WINAPI DllCanUnloadNow(void) { return objects ? S_FALSE : S_OK; }

BOOL WINAPI DllMain(HINSTANCE instance, DWORD why, void *reserved)
{
    (void)reserved;
    if (why == DLL_PROCESS_ATTACH) {
        module = instance;
        DisableThreadLibraryCalls(instance);
    }
    return TRUE;
}
