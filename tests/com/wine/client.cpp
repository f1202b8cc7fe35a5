// A connector in C++, over the vtable and over IDispatch: `client.exe ACT [ARGUMENTS]` prints what it got, in UTF-8, line by line.
// It declares the interfaces by itself, as a program built against the real type library has them.

#define _WIN32_WINNT 0x0601
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <ole2.h>
#include <oleauto.h>
#include <shellapi.h>
#include <stdio.h>

#include <string>
#include <vector>

struct IAuthPreferences2 : IDispatch {
    virtual HRESULT STDMETHODCALLTYPE WasAuthPreferencesObeyed(BSTR ticket, VARIANT_BOOL *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetIsReadOnly(BSTR ticket, VARIANT_BOOL *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE PutIsReadOnly(VARIANT_BOOL value) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetUnattendedModePref(BSTR ticket, int *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE PutUnattendedModePref(int value) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetPersonalDataPref(BSTR ticket, int *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE PutPersonalDataPref(int value) = 0;
    virtual HRESULT STDMETHODCALLTYPE PutAuthFlags(long value) = 0;
};

struct IRequestProcessor5 : IDispatch {
    virtual HRESULT STDMETHODCALLTYPE ProcessRequest(BSTR ticket, BSTR request, BSTR *answer) = 0;
    virtual HRESULT STDMETHODCALLTYPE OpenConnection(BSTR id, BSTR name) = 0;
    virtual HRESULT STDMETHODCALLTYPE CloseConnection() = 0;
    virtual HRESULT STDMETHODCALLTYPE BeginSession(BSTR file, int mode, BSTR *ticket) = 0;
    virtual HRESULT STDMETHODCALLTYPE EndSession(BSTR ticket) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCurrentCompanyFileName(BSTR ticket, BSTR *path) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_MajorVersion(short *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_MinorVersion(short *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_ReleaseLevel(int *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_ReleaseNumber(short *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_QBXMLVersionsForSession(BSTR ticket, SAFEARRAY **versions) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_ConnectionType(int *value) = 0;
    virtual HRESULT STDMETHODCALLTYPE ProcessSubscription(BSTR request, BSTR *answer) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_QBXMLVersionsForSubscription(SAFEARRAY **versions) = 0;
    virtual HRESULT STDMETHODCALLTYPE OpenConnection2(BSTR id, BSTR name, int type) = 0;
    virtual HRESULT STDMETHODCALLTYPE get_AuthPreferences(IAuthPreferences2 **preferences) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetQBLastError(BSTR *text) = 0;
};

// The old library's first interface. Its id and its root are documented, the order of its members is inferred.
struct IRequestProcessor : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE ProcessRequest(BSTR ticket, BSTR request, BSTR *answer) = 0;
    virtual HRESULT STDMETHODCALLTYPE OpenConnection(BSTR id, BSTR name) = 0;
    virtual HRESULT STDMETHODCALLTYPE CloseConnection() = 0;
    virtual HRESULT STDMETHODCALLTYPE BeginSession(BSTR file, int mode, BSTR *ticket) = 0;
    virtual HRESULT STDMETHODCALLTYPE EndSession(BSTR ticket) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetCurrentCompanyFileName(BSTR ticket, BSTR *path) = 0;
};

static const wchar_t *const FIRST = L"{2D0E74B5-021A-11D5-9054-00508BF70A94}";
static const wchar_t *const IIDS[] = {
    L"{AC48EB1D-E953-446B-A63C-77E7862DE4B8}", L"{3B635BF7-6DA9-46C8-A1F6-F0C93F10D52F}",
    L"{8DB91B17-D5A2-41DB-80A7-CC6F1E449A05}", L"{9F44A4C6-B26E-4277-B514-F776243FFC01}"};
static const wchar_t *const PREFERENCES[] = {
    L"{4277578A-9687-4EBC-8586-1CA4759B17C3}", L"{F810CC1A-151E-48A8-84C9-3F6978FB699C}"};

static std::string utf8(const wchar_t *text, int length)
{
    length = length < 0 ? (int)wcslen(text) : length;
    int size = WideCharToMultiByte(CP_UTF8, 0, text, length, nullptr, 0, nullptr, nullptr);
    std::string out(size, 0);
    WideCharToMultiByte(CP_UTF8, 0, text, length, &out[0], size, nullptr, nullptr);
    return out;
}

static std::string utf8(BSTR text) { return utf8(text, (int)SysStringLen(text)); }

static BSTR wide(const std::string &text)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, text.data(), (int)text.size(), nullptr, 0);
    BSTR out = SysAllocStringLen(nullptr, size);
    MultiByteToWideChar(CP_UTF8, 0, text.data(), (int)text.size(), out, size);
    return out;
}

static GUID guid(const wchar_t *text)
{
    GUID id;
    CLSIDFromString(text, &id);
    return id;
}

static void show(const char *what, HRESULT code, const std::string &value = "")
{
    printf("%s %08lX", what, (unsigned long)code);
    IErrorInfo *info = nullptr;
    if (FAILED(code) && GetErrorInfo(0, &info) == S_OK) {
        BSTR description = nullptr, source = nullptr;
        info->GetDescription(&description);
        info->GetSource(&source);
        printf(" [%s] [%s]", utf8(source).c_str(), utf8(description).c_str());
        info->Release();
    }
    printf("%s%s\n", value.empty() ? "" : " ", value.c_str());
    fflush(stdout);
}

static std::string listed(SAFEARRAY *list)
{
    std::string out;
    LONG low, high;
    SafeArrayGetLBound(list, 1, &low);
    SafeArrayGetUBound(list, 1, &high);
    for (LONG each = low; each <= high; each++) {
        BSTR text;
        SafeArrayGetElement(list, &each, &text);
        out += (each > low ? "," : "") + utf8(text);
        SysFreeString(text);
    }
    SafeArrayDestroy(list);
    return out;
}

// Makes an object and takes the newest interface it has; those before it are the beginning of its vtable. NULL when there is none.
static IRequestProcessor5 *try_to_create(const wchar_t *name)
{
    CLSID id;
    IUnknown *made = nullptr;
    IRequestProcessor5 *processor = nullptr;
    HRESULT code = CLSIDFromProgID(name, &id);
    if (SUCCEEDED(code))
        code = CoCreateInstance(id, nullptr, CLSCTX_INPROC_SERVER, IID_IUnknown, (void **)&made);
    show("create", code);
    for (int each = 3; made && !processor && each >= 0; each--)
        made->QueryInterface(guid(IIDS[each]), (void **)&processor);
    if (made)
        made->Release();
    return processor;
}

static IRequestProcessor5 *create(const wchar_t *name)
{
    IRequestProcessor5 *processor = try_to_create(name);
    if (!processor)
        exit(3);
    return processor;
}

static BSTR begin(IRequestProcessor5 *processor, const wchar_t *file = L"")
{
    BSTR ticket = nullptr;
    show("OpenConnection2", processor->OpenConnection2(SysAllocString(L""), SysAllocString(L"C++ client"), 1));
    show("BeginSession", processor->BeginSession(SysAllocString(file), 2, &ticket));
    return ticket;
}

static std::string read_file(const wchar_t *path)
{
    std::string out;
    char buffer[65536];
    FILE *file = _wfopen(path, L"rb");
    for (size_t count; (count = fread(buffer, 1, sizeof buffer, file)) > 0;)
        out.append(buffer, count);
    fclose(file);
    return out;
}

static const char HOST[] =
    "<?xml version=\"1.0\"?><?qbxml version=\"13.0\"?><QBXML><QBXMLMsgsRq onError=\"stopOnError\"><HostQueryRq/></QBXMLMsgsRq></QBXML>";

// Every member, over the vtable.
static void all(const wchar_t *name)
{
    IRequestProcessor5 *processor = create(name);
    IAuthPreferences2 *preferences = nullptr;
    ISupportErrorInfo *errors = nullptr;
    BSTR text = nullptr;
    SAFEARRAY *list = nullptr;
    short number = 0;
    int level = 0;
    VARIANT_BOOL flag = 0;
    HRESULT code;
    for (const wchar_t *iid : IIDS) {
        IUnknown *other = nullptr;
        code = processor->QueryInterface(guid(iid), (void **)&other);
        show("query", code, other == processor ? "same" : "");
        if (other)
            other->Release();
    }
    show("errors", processor->QueryInterface(IID_ISupportErrorInfo, (void **)&errors));
    show("supports", errors->InterfaceSupportsErrorInfo(guid(IIDS[3])));
    show("supports", errors->InterfaceSupportsErrorInfo(IID_IDispatch));
    errors->Release();
    show("AuthPreferences", processor->get_AuthPreferences(&preferences));
    for (const wchar_t *iid : PREFERENCES) {
        IUnknown *other = nullptr;
        code = preferences->QueryInterface(guid(iid), (void **)&other);
        show("query", code, other == preferences ? "same" : "");
        if (other)
            other->Release();
    }
    show("early", preferences->PutIsReadOnly(VARIANT_FALSE));
    show("OpenConnection", processor->OpenConnection(SysAllocString(L""), SysAllocString(L"C++ client")));
    show("PutIsReadOnly", preferences->PutIsReadOnly(VARIANT_FALSE));
    show("PutUnattendedModePref", preferences->PutUnattendedModePref(2));
    show("PutPersonalDataPref", preferences->PutPersonalDataPref(3));
    show("PutAuthFlags", preferences->PutAuthFlags(15));
    BSTR ticket = nullptr;
    show("BeginSession", processor->BeginSession(SysAllocString(L""), 2, &ticket));
    code = preferences->WasAuthPreferencesObeyed(ticket, &flag);
    show("WasAuthPreferencesObeyed", code, std::to_string(flag));
    code = preferences->GetIsReadOnly(ticket, &flag);
    show("GetIsReadOnly", code, std::to_string(flag));
    code = preferences->GetUnattendedModePref(ticket, &level);
    show("GetUnattendedModePref", code, std::to_string(level));
    code = preferences->GetPersonalDataPref(ticket, &level);
    show("GetPersonalDataPref", code, std::to_string(level));
    show("PutAuthFlags", preferences->PutAuthFlags(1));
    code = processor->get_MajorVersion(&number);
    show("MajorVersion", code, std::to_string(number));
    code = processor->get_MinorVersion(&number);
    show("MinorVersion", code, std::to_string(number));
    code = processor->get_ReleaseLevel(&level);
    show("ReleaseLevel", code, std::to_string(level));
    code = processor->get_ReleaseNumber(&number);
    show("ReleaseNumber", code, std::to_string(number));
    code = processor->get_ConnectionType(&level);
    show("ConnectionType", code, std::to_string(level));
    code = processor->get_QBXMLVersionsForSession(ticket, &list);
    show("QBXMLVersionsForSession", code, list ? listed(list) : "");
    list = nullptr;
    code = processor->get_QBXMLVersionsForSubscription(&list);
    show("QBXMLVersionsForSubscription", code, list ? listed(list) : "");
    code = processor->GetCurrentCompanyFileName(ticket, &text);
    show("GetCurrentCompanyFileName", code, utf8(text));
    code = processor->ProcessRequest(ticket, wide(HOST), &text);
    show("ProcessRequest", code, utf8(text).find("<HostRet>") != std::string::npos ? "HostRet" : "");
    text = nullptr;
    code = processor->ProcessSubscription(wide("<x/>"), &text);
    show("ProcessSubscription", code, text ? "" : "no text");
    code = processor->GetQBLastError(&text);
    show("GetQBLastError", code);
    code = processor->ProcessRequest(nullptr, nullptr, &text);
    show("NULL", code, text ? "" : "no text");
    show("no out", processor->ProcessRequest(ticket, nullptr, nullptr));
    show("EndSession", processor->EndSession(ticket));
    show("CloseConnection", processor->CloseConnection());
    processor->Release();
    show("after", preferences->PutIsReadOnly(VARIANT_TRUE)); // preferences keep their processor alive
    printf("left %lu\n", preferences->Release());
}

static HRESULT invoke(IDispatch *on, const wchar_t *name, WORD flags, std::vector<VARIANT> given, VARIANT *result)
{
    DISPID id;
    LPOLESTR names = (LPOLESTR)name;
    HRESULT code = on->GetIDsOfNames(IID_NULL, &names, 1, LOCALE_USER_DEFAULT, &id);
    if (FAILED(code)) {
        show(utf8(name, -1).c_str(), code);
        return code;
    }
    DISPPARAMS parameters = {given.data(), nullptr, (UINT)given.size(), 0};
    EXCEPINFO failure = {};
    UINT wrong = 99;
    VariantInit(result);
    code = on->Invoke(id, IID_NULL, LOCALE_USER_DEFAULT, flags, &parameters, result, &failure, &wrong);
    SetErrorInfo(0, nullptr);
    printf("%s %ld %08lX type %d", utf8(name, -1).c_str(), id, (unsigned long)code, result->vt);
    if (code == DISP_E_EXCEPTION)
        printf(" [%s] [%s] %08lX", utf8(failure.bstrSource).c_str(), utf8(failure.bstrDescription).c_str(), (unsigned long)failure.scode);
    if (result->vt == VT_BSTR)
        printf(" %u", SysStringLen(result->bstrVal) ? 1 : 0);
    if (result->vt == VT_I2)
        printf(" %d", result->iVal);
    if (result->vt == VT_I4)
        printf(" %ld", result->lVal);
    if (result->vt == VT_BOOL)
        printf(" %d", result->boolVal);
    printf("\n");
    return code;
}

static VARIANT of(const wchar_t *text)
{
    VARIANT value;
    value.vt = VT_BSTR;
    value.bstrVal = SysAllocString(text);
    return value;
}

static VARIANT of(long number)
{
    VARIANT value;
    value.vt = VT_I4;
    value.lVal = number;
    return value;
}

// Late-bound calls; arguments are last first, as COM wants them.
static void late(const wchar_t *name)
{
    IRequestProcessor5 *processor = create(name);
    IDispatch *on = nullptr;
    VARIANT result, ticket;
    const WORD METHOD = DISPATCH_METHOD, GET = DISPATCH_PROPERTYGET;
    processor->QueryInterface(IID_IDispatch, (void **)&on);
    invoke(on, L"OPENCONNECTION", METHOD, {of(L"Late"), of(L"")}, &result);
    invoke(on, L"CloseConnection", GET, {}, &result);
    invoke(on, L"MajorVersion", METHOD, {}, &result);
    invoke(on, L"NoSuchMember", METHOD, {}, &result);
    invoke(on, L"BeginSession", METHOD, {of(L"")}, &result);
    invoke(on, L"BeginSession", METHOD, {of(L"many"), of(L"")}, &result);
    invoke(on, L"ProcessRequest", METHOD, {of(L"<x/>"), of(L"none")}, &result);
    invoke(on, L"BeginSession", METHOD | GET, {of(L"2"), of(L"")}, &ticket);
    invoke(on, L"MajorVersion", GET, {}, &result);
    invoke(on, L"ReleaseLevel", METHOD | GET, {}, &result);
    invoke(on, L"QBXMLVersionsForSession", METHOD | GET, {ticket}, &result);
    if (wcsstr(name, L"QBXMLRP2")) {
        invoke(on, L"GetQBLastError", METHOD | GET, {}, &result);
        invoke(on, L"AuthPreferences", METHOD | GET, {}, &result);
        IDispatch *preferences = result.pdispVal;
        invoke(preferences, L"GetIsReadOnly", METHOD, {ticket}, &result);
        invoke(preferences, L"PutAuthFlags", METHOD, {of(1L)}, &result);
        preferences->Release();
    } else {
        invoke(on, L"BeginSession", METHOD, {of(2L), of(L"")}, &result);
    }
    invoke(on, L"EndSession", METHOD, {ticket}, &result);
    invoke(on, L"CloseConnection", METHOD, {}, &result);
    on->Release();
    processor->Release();
}

// What a tool reads in the registered type library.
static void library(const wchar_t *id, const wchar_t *version)
{
    ITypeLib *types = nullptr;
    HRESULT code = LoadRegTypeLib(guid(id), (WORD)_wtoi(version), (WORD)_wtoi(wcschr(version, L'.') + 1), 0, &types);
    show("LoadRegTypeLib", code);
    if (FAILED(code))
        exit(3);
    BSTR name = nullptr, about = nullptr;
    types->GetDocumentation(-1, &name, &about, nullptr, nullptr);
    printf("library %s: %s\n", utf8(name).c_str(), utf8(about).c_str());
    for (UINT each = 0; each < types->GetTypeInfoCount(); each++) {
        ITypeInfo *info = nullptr;
        TYPEATTR *about_type = nullptr;
        types->GetTypeInfo(each, &info);
        info->GetTypeAttr(&about_type);
        info->GetDocumentation(-1, &name, nullptr, nullptr, nullptr);
        wchar_t written[39];
        StringFromGUID2(about_type->guid, written, 39);
        static const char *const kinds[] = {"enum", "record", "module", "interface", "dispatch", "coclass", "alias", "union"};
        printf("%s %s", kinds[about_type->typekind], utf8(name).c_str());
        if (about_type->typekind != TKIND_ENUM && about_type->typekind != TKIND_ALIAS)
            printf(" %s", utf8(written, -1).c_str());
        printf("\n");
        for (UINT one = 0; one < about_type->cVars; one++) {
            VARDESC *variable = nullptr;
            info->GetVarDesc(one, &variable);
            info->GetDocumentation(variable->memid, &name, nullptr, nullptr, nullptr);
            printf("  %s = %ld\n", utf8(name).c_str(), variable->lpvarValue->lVal);
            info->ReleaseVarDesc(variable);
        }
        for (UINT one = 0; one < about_type->cFuncs; one++) {
            FUNCDESC *function = nullptr;
            BSTR names[8] = {};
            UINT count = 0;
            info->GetFuncDesc(one, &function);
            info->GetNames(function->memid, names, 8, &count);
            if (function->memid < 0x60000000 && function->memid > 0) {
                printf("  %ld %s %s(", function->memid, function->invkind == INVOKE_PROPERTYGET ? "get" : "method", utf8(names[0]).c_str());
                for (UINT argument = 1; argument < count; argument++)
                    printf("%s%s", argument > 1 ? ", " : "", utf8(names[argument]).c_str());
                printf(")\n");
            }
            info->ReleaseFuncDesc(function);
        }
        info->ReleaseTypeAttr(about_type);
        info->Release();
    }
}

// A document from a file, its answer to a file: nothing but COM between them.
static void process(const wchar_t *name, const wchar_t *from, const wchar_t *to)
{
    IRequestProcessor5 *processor = create(name);
    BSTR ticket = begin(processor), answer = nullptr;
    HRESULT code = processor->ProcessRequest(ticket, wide(read_file(from)), &answer);
    show("ProcessRequest", code);
    std::string text = utf8(answer);
    FILE *file = _wfopen(to, L"wb");
    fwrite(text.data(), 1, text.size(), file);
    fclose(file);
    processor->EndSession(ticket);
    processor->CloseConnection();
    processor->Release();
}

// Some calls over the vtable, on one object after the other; for answers that are no answers.
static void calls(const wchar_t *name, int count)
{
    for (int each = 0; each < count; each++) {
        IRequestProcessor5 *processor = create(name);
        BSTR text = nullptr;
        short number = 0;
        SAFEARRAY *list = nullptr;
        HRESULT code = processor->GetQBLastError(&text);
        show("GetQBLastError", code, utf8(text));
        code = processor->get_MajorVersion(&number);
        show("MajorVersion", code, std::to_string(number));
        code = processor->get_QBXMLVersionsForSubscription(&list);
        show("QBXMLVersionsForSubscription", code, list ? listed(list) : "");
        processor->Release();
    }
}

// One attempt after the other to make an object.
static void attempts(const wchar_t *name, int count)
{
    for (int each = 0; each < count; each++)
        if (IRequestProcessor5 *processor = try_to_create(name))
            processor->Release();
}

// The same, each with another address of the wire.
static void addresses(const wchar_t *name, int count, wchar_t **urls)
{
    for (int each = 0; each < count; each++) {
        SetEnvironmentVariableW(L"FAKEBOOKS_COM", urls[each]);
        attempts(name, 1);
    }
}

static IStream *handed;

static DWORD WINAPI caller(void *)
{
    IRequestProcessor5 *processor = nullptr;
    short number = 0;
    CoInitializeEx(nullptr, COINIT_MULTITHREADED);
    CoGetInterfaceAndReleaseStream(handed, guid(IIDS[3]), (void **)&processor);
    show("within", processor->get_MajorVersion(&number));
    processor->Release();
    CoUninitialize();
    return 0;
}

// A long call; meanwhile another thread calls into the object, which COM lets in only while its own thread waits as COM wants it.
static void slow(const wchar_t *name)
{
    IRequestProcessor5 *processor = create(name);
    BSTR ticket = begin(processor), answer = nullptr;
    DWORD index;
    CoMarshalInterThreadInterfaceInStream(guid(IIDS[3]), processor, &handed);
    HANDLE thread = CreateThread(nullptr, 0, caller, nullptr, 0, nullptr);
    show("ProcessRequest", processor->ProcessRequest(ticket, wide(HOST), &answer));
    CoWaitForMultipleHandles(0, INFINITE, 1, &thread, &index);
    processor->EndSession(ticket);
    processor->CloseConnection();
    processor->Release();
}

// A program that is ended in the middle: it never releases anything.
static void victim(const wchar_t *name, const wchar_t *request, const wchar_t *file)
{
    IRequestProcessor5 *processor = create(name);
    BSTR ticket = begin(processor, file), answer = nullptr;
    show("ProcessRequest", processor->ProcessRequest(ticket, wide(read_file(request)), &answer));
}

static DWORD WINAPI other_thread(void *)
{
    IRequestProcessor5 *processor = nullptr;
    CoInitializeEx(nullptr, COINIT_MULTITHREADED);
    show("unmarshal", CoGetInterfaceAndReleaseStream(handed, guid(IIDS[3]), (void **)&processor));
    if (processor) {
        BSTR ticket = begin(processor);
        show("EndSession", processor->EndSession(ticket));
        show("EndSession", processor->EndSession(ticket));
        processor->Release();
    }
    CoUninitialize();
    return 0;
}

// An object of one thread used by another: COM carries the calls, by the type library.
static void threads(const wchar_t *name)
{
    IRequestProcessor5 *processor = create(name);
    show("marshal", CoMarshalInterThreadInterfaceInStream(guid(IIDS[3]), processor, &handed));
    HANDLE thread = CreateThread(nullptr, 0, other_thread, nullptr, 0, nullptr);
    DWORD index;
    CoWaitForMultipleHandles(0, INFINITE, 1, &thread, &index);
    processor->CloseConnection();
    printf("left %lu\n", processor->Release());
}

// Which interfaces the objects of some classes have.
static void interfaces(int count, wchar_t **names)
{
    for (int each = 0; each < count; each++) {
        IRequestProcessor5 *processor = create(names[each]);
        std::string has;
        for (const wchar_t *iid : {FIRST, IIDS[0], IIDS[1], IIDS[2], IIDS[3]}) {
            IUnknown *other = nullptr;
            HRESULT code = processor->QueryInterface(guid(iid), (void **)&other);
            has += code == S_OK && other ? "yes " : code == E_NOINTERFACE && !other ? "no " : "wrong ";
            if (other)
                other->Release();
        }
        printf("%s\n", has.c_str());
        processor->Release();
    }
}

static BSTR ticket_of_first;

static DWORD WINAPI first_elsewhere(void *)
{
    IRequestProcessor *processor = nullptr;
    BSTR path = nullptr;
    CoInitializeEx(nullptr, COINIT_MULTITHREADED);
    show("unmarshal", CoGetInterfaceAndReleaseStream(handed, guid(FIRST), (void **)&processor));
    if (processor) {
        HRESULT code = processor->GetCurrentCompanyFileName(ticket_of_first, &path);
        show("GetCurrentCompanyFileName", code, path ? "path" : "");
        show("EndSession", processor->EndSession(SysAllocString(L"none")));
        processor->Release();
    }
    CoUninitialize();
    return 0;
}

// A program built against the old library's first interface.
static void first(const wchar_t *name)
{
    CLSID id;
    IRequestProcessor *processor = nullptr;
    IDispatch *on = nullptr;
    IUnknown *one = nullptr, *other = nullptr;
    ISupportErrorInfo *errors = nullptr;
    BSTR text = nullptr;
    DWORD index;
    CLSIDFromProgID(name, &id);
    show("create", CoCreateInstance(id, nullptr, CLSCTX_INPROC_SERVER, guid(FIRST), (void **)&processor));
    processor->QueryInterface(IID_IDispatch, (void **)&on);
    processor->QueryInterface(IID_IUnknown, (void **)&one);
    on->QueryInterface(IID_IUnknown, (void **)&other);
    processor->QueryInterface(IID_ISupportErrorInfo, (void **)&errors);
    printf("%s\n", one == other ? "one object" : "two objects");
    show("supports", errors->InterfaceSupportsErrorInfo(guid(FIRST)));
    on->Release(), one->Release(), other->Release(), errors->Release();
    show("EndSession", processor->EndSession(SysAllocString(L"none")));
    show("OpenConnection", processor->OpenConnection(SysAllocString(L""), SysAllocString(L"An old client")));
    show("BeginSession", processor->BeginSession(SysAllocString(L""), 2, &ticket_of_first));
    HRESULT code = processor->GetCurrentCompanyFileName(ticket_of_first, &text);
    show("GetCurrentCompanyFileName", code, text ? "path" : "");
    code = processor->ProcessRequest(ticket_of_first, wide(HOST), &text);
    show("ProcessRequest", code, utf8(text).find("<HostRet>") != std::string::npos ? "HostRet" : "");
    show("marshal", CoMarshalInterThreadInterfaceInStream(guid(FIRST), processor, &handed));
    HANDLE thread = CreateThread(nullptr, 0, first_elsewhere, nullptr, 0, nullptr);
    CoWaitForMultipleHandles(0, INFINITE, 1, &thread, &index);
    show("EndSession", processor->EndSession(ticket_of_first));
    show("CloseConnection", processor->CloseConnection());
    printf("left %lu\n", processor->Release());
}

static VARIANT of_kind(VARTYPE kind, long number = 0)
{
    VARIANT value;
    VariantInit(&value);
    value.vt = kind;
    value.lVal = number;
    return value;
}

static VARIANT referring(VARTYPE kind, void *to)
{
    VARIANT value = of_kind(VARTYPE(kind | VT_BYREF));
    value.byref = to;
    return value;
}

// Arguments as scripts and tools give them; last first.
static void arguments(const wchar_t *name)
{
    IRequestProcessor5 *processor = create(name);
    IDispatch *on = nullptr;
    VARIANT result, ticket, text = of(L""), real = of_kind(VT_R8);
    BSTR empty = SysAllocString(L""), none = nullptr;
    long number = 2;
    const WORD CALL = DISPATCH_METHOD;
    real.dblVal = 2.0;
    processor->QueryInterface(IID_IDispatch, (void **)&on);
    invoke(on, L"OpenConnection", CALL, {of(L"Arguments"), of_kind(VT_EMPTY)}, &result);
    const std::vector<std::vector<VARIANT>> right = {
        {referring(VT_I4, &number), referring(VT_BSTR, &empty)},
        {of_kind(VT_I2, 2), referring(VT_VARIANT, &text)},
        {real, of_kind(VT_EMPTY)},
        {of(L"2"), referring(VT_BSTR, &none)},
    };
    for (const auto &given : right) {
        invoke(on, L"BeginSession", CALL, given, &ticket);
        invoke(on, L"EndSession", CALL, {referring(VT_BSTR, &ticket.bstrVal)}, &result);
    }
    const std::vector<std::vector<VARIANT>> wrong = {
        {of_kind(VT_NULL), of(L"")},
        {of_kind(VT_ERROR, DISP_E_PARAMNOTFOUND), of(L"")},
        {of_kind(VT_DISPATCH), of(L"")},
        {of(2L), of_kind(VT_UNKNOWN)},
        {},
        {of(2L), of(2L), of(2L)},
    };
    for (const auto &given : wrong)
        invoke(on, L"BeginSession", CALL, given, &result);
    // Named arguments: the ids of the names are their places.
    LPOLESTR names[] = {(LPOLESTR)L"BeginSession", (LPOLESTR)L"reqFileMode", (LPOLESTR)L"qbFileName"};
    DISPID ids[3] = {};
    HRESULT code = on->GetIDsOfNames(IID_NULL, names, 3, LOCALE_USER_DEFAULT, ids);
    show("GetIDsOfNames", code, std::to_string(ids[0]) + std::to_string(ids[1]) + std::to_string(ids[2]));
    VARIANT given[] = {of(2L), of(L"")};
    DISPPARAMS named = {given, ids + 1, 2, 2}, nothing = {};
    VariantInit(&ticket);
    code = on->Invoke(ids[0], IID_NULL, LOCALE_USER_DEFAULT, CALL, &named, &ticket, nullptr, nullptr);
    show("named", code, ticket.vt == VT_BSTR && SysStringLen(ticket.bstrVal) ? "ticket" : "");
    show("no such id", on->Invoke(99, IID_NULL, LOCALE_USER_DEFAULT, CALL, &nothing, nullptr, nullptr, nullptr));
    show("no parameters", on->Invoke(ids[0], IID_NULL, LOCALE_USER_DEFAULT, CALL, nullptr, nullptr, nullptr, nullptr));
    // A failure that nobody wants to hear in full: there is a session already.
    code = on->Invoke(ids[0], IID_NULL, LOCALE_USER_DEFAULT, CALL, &named, nullptr, nullptr, nullptr);
    SetErrorInfo(0, nullptr);
    show("no result", code);
    on->Release();
    printf("left %lu\n", processor->Release());
}

static std::string units(BSTR text)
{
    std::string out;
    char unit[8];
    for (UINT each = 0; each < SysStringLen(text); each++)
        snprintf(unit, sizeof unit, "%04X ", text[each]), out += unit;
    return out + (text ? "end" : "NULL");
}

// Texts that are no good text: a zero within, halves of surrogate pairs, none at all.
static void texts(const wchar_t *name)
{
    static const wchar_t odd[] = {L'a', 0, 0xD83D, L'b', 0xDE00, 0xD83D, 0xDE00, 0xD83D};
    IRequestProcessor5 *processor = create(name);
    BSTR text = SysAllocStringLen(odd, 8), answer = nullptr;
    show("OpenConnection", processor->OpenConnection(text, nullptr));
    HRESULT code = processor->ProcessRequest(SysAllocString(L""), text, &answer);
    show("ProcessRequest", code, units(answer));
    code = processor->ProcessRequest(nullptr, nullptr, &answer);
    show("ProcessRequest", code, units(answer));
    processor->Release();
}

// Who keeps the module in memory.
static void counts(const wchar_t *name)
{
    HMODULE module = LoadLibraryW(L"QBXMLRP2.dll");
    auto can_unload = (HRESULT(WINAPI *)())(void *)GetProcAddress(module, "DllCanUnloadNow");
    auto get_class = (HRESULT(WINAPI *)(REFCLSID, REFIID, void **))(void *)GetProcAddress(module, "DllGetClassObject");
    CLSID id;
    IClassFactory *factory = nullptr;
    IUnknown *other = nullptr;
    IRequestProcessor5 *processor = nullptr;
    IAuthPreferences2 *preferences = nullptr;
    CLSIDFromProgID(name, &id);
    show("nothing", can_unload());
    show("no such class", get_class(IID_IUnknown, IID_IClassFactory, (void **)&factory), factory ? "something" : "");
    show("no such interface", get_class(id, IID_IDispatch, (void **)&other), other ? "something" : "");
    show("nothing", can_unload());
    get_class(id, IID_IClassFactory, (void **)&factory);
    show("factory", can_unload());
    show("outer", factory->CreateInstance(factory, IID_IUnknown, (void **)&other), other ? "something" : "");
    show("no such interface", factory->CreateInstance(nullptr, IID_IClassFactory, (void **)&other), other ? "something" : "");
    factory->LockServer(TRUE);
    factory->CreateInstance(nullptr, guid(IIDS[3]), (void **)&processor);
    factory->Release();
    processor->get_AuthPreferences(&preferences);
    processor->Release();
    show("lock, preferences", can_unload());
    preferences->Release();
    show("lock", can_unload());
    get_class(id, IID_IClassFactory, (void **)&factory);
    factory->LockServer(FALSE);
    factory->Release();
    show("nothing", can_unload());
}

// An object that COM can carry to another thread, and whose call releases the request processor.
struct Releaser : IClassFactory {
    IRequestProcessor5 *processor = nullptr;
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID wanted, void **found) override
    {
        *found = wanted == IID_IUnknown || wanted == IID_IClassFactory ? this : nullptr;
        return *found ? S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
    HRESULT STDMETHODCALLTYPE LockServer(BOOL) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown *, REFIID, void **made) override
    {
        *made = nullptr;
        short number = 0;
        show("MajorVersion", processor->get_MajorVersion(&number));
        show("released", processor->Release() > 0 ? S_OK : E_FAIL); // the call under way has one too
        return E_NOTIMPL;
    }
};

static DWORD WINAPI releasing(void *)
{
    IClassFactory *releaser = nullptr;
    CoInitializeEx(nullptr, COINIT_MULTITHREADED);
    CoGetInterfaceAndReleaseStream(handed, IID_IClassFactory, (void **)&releaser);
    IUnknown *made = nullptr;
    releaser->CreateInstance(nullptr, IID_IUnknown, (void **)&made);
    releaser->Release();
    CoUninitialize();
    return 0;
}

// The last reference of a program to an object goes while one of its calls waits for its answer.
static void midway(const wchar_t *name)
{
    Releaser releaser;
    BSTR answer = nullptr;
    DWORD index;
    releaser.processor = create(name);
    BSTR ticket = begin(releaser.processor);
    CoMarshalInterThreadInterfaceInStream(IID_IClassFactory, &releaser, &handed);
    HANDLE thread = CreateThread(nullptr, 0, releasing, nullptr, 0, nullptr);
    HRESULT code = releaser.processor->ProcessRequest(ticket, wide(HOST), &answer);
    show("ProcessRequest", code, utf8(answer));
    CoWaitForMultipleHandles(0, INFINITE, 1, &thread, &index);
}

static const wchar_t *made_by_threads;

static DWORD WINAPI of_a_thread(void *flags)
{
    IRequestProcessor5 *processor = nullptr;
    CLSID id;
    short number = 0;
    BSTR text = nullptr;
    bool right = true;
    CoInitializeEx(nullptr, (DWORD)(INT_PTR)flags);
    CLSIDFromProgID(made_by_threads, &id);
    for (int each = 0; right && each < 3; each++) {
        IErrorInfo *info = nullptr;
        right = SUCCEEDED(CoCreateInstance(id, nullptr, CLSCTX_INPROC_SERVER, guid(IIDS[3]), (void **)&processor));
        for (int call = 0; right && call < 5; call++)
            right = processor->get_MajorVersion(&number) == S_OK && processor->GetQBLastError(&text) == S_OK;
        right = right && processor->EndSession(nullptr) == (HRESULT)0x8004040C;
        // Wine 8 does not carry what is told of an error from one apartment to another.
        if (right && flags == (void *)COINIT_APARTMENTTHREADED) {
            right = GetErrorInfo(0, &info) == S_OK && info->GetDescription(&text) == S_OK && SysStringLen(text) > 0;
            info->Release();
        }
        if (processor)
            processor->Release();
        processor = nullptr;
    }
    CoUninitialize();
    return right;
}

// Many threads at once, half of them apartments of their own, half of them multi-threaded.
static void crowd(const wchar_t *name)
{
    HANDLE threads[8];
    DWORD index, right, all = 0;
    made_by_threads = name;
    for (int each = 0; each < 8; each++) {
        INT_PTR flags = each % 2 ? COINIT_APARTMENTTHREADED : COINIT_MULTITHREADED;
        threads[each] = CreateThread(nullptr, 0, of_a_thread, (void *)flags, 0, nullptr);
    }
    for (HANDLE thread : threads) {
        CoWaitForMultipleHandles(0, INFINITE, 1, &thread, &index);
        GetExitCodeThread(thread, &right);
        all += right;
    }
    printf("right %lu\n", all);
}

// Which module answers.
static void where(const wchar_t *name)
{
    IRequestProcessor5 *processor = create(name);
    wchar_t path[MAX_PATH];
    GetModuleFileNameW(GetModuleHandleW(L"QBXMLRP2.dll"), path, MAX_PATH);
    printf("%s\n", utf8(path, -1).c_str());
    processor->Release();
}

// What the registry has for each line `KEY|NAME` of a file, below the classes of the machine.
static void registry(const wchar_t *asked)
{
    std::string text = read_file(asked);
    for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        size_t bar = text.find('|', begin);
        BSTR key = wide("Software\\Classes\\" + text.substr(begin, bar - begin)), name = wide(text.substr(bar + 1, end - bar - 1));
        wchar_t value[1024];
        DWORD size = sizeof value;
        LONG error = RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ, nullptr, value, &size);
        printf("%s\n", error ? "not there" : utf8(value, -1).c_str());
        SysFreeString(key);
        SysFreeString(name);
    }
}

// How long a call takes, in microseconds: many of the same.
static void many(const wchar_t *name, const wchar_t *count)
{
    IRequestProcessor5 *processor = create(name);
    BSTR ticket = begin(processor), request = wide(HOST);
    LARGE_INTEGER frequency, before, after;
    QueryPerformanceFrequency(&frequency);
    for (int each = _wtoi(count); each > 0; each--) {
        BSTR answer = nullptr;
        QueryPerformanceCounter(&before);
        processor->ProcessRequest(ticket, request, &answer);
        QueryPerformanceCounter(&after);
        SysFreeString(answer);
        printf("took %lld\n", (after.QuadPart - before.QuadPart) * 1000000 / frequency.QuadPart);
    }
    processor->EndSession(ticket);
    processor->CloseConnection();
    processor->Release();
}

int main()
{
    int count;
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);
    std::wstring act = count > 2 ? words[1] : L"";
    _setmode(_fileno(stdout), _O_BINARY);
    CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED);
    if (act == L"all")
        all(words[2]);
    else if (act == L"late")
        for (int each = 2; each < count; each++)
            late(words[each]);
    else if (act == L"calls")
        calls(words[2], count > 3 ? _wtoi(words[3]) : 1);
    else if (act == L"attempts")
        attempts(words[2], count > 3 ? _wtoi(words[3]) : 1);
    else if (act == L"addresses")
        addresses(words[2], count - 3, words + 3);
    else if (act == L"interfaces")
        interfaces(count - 2, words + 2);
    else if (act == L"first")
        first(words[2]);
    else if (act == L"arguments")
        arguments(words[2]);
    else if (act == L"texts")
        texts(words[2]);
    else if (act == L"registry")
        registry(words[2]);
    else if (act == L"counts")
        counts(words[2]);
    else if (act == L"midway")
        midway(words[2]);
    else if (act == L"crowd")
        crowd(words[2]);
    else if (act == L"where")
        where(words[2]);
    else if (act == L"slow")
        slow(words[2]);
    else if (act == L"threads")
        threads(words[2]);
    else if (act == L"library" && count > 3)
        library(words[2], words[3]);
    else if (act == L"victim" && count > 3)
        victim(words[2], words[3], count > 4 ? words[4] : L"");
    else if (act == L"many" && count > 3)
        many(words[2], words[3]);
    else if (act == L"process" && count > 4)
        process(words[2], words[3], words[4]);
    else
        return 2;
    CoUninitialize();
    fflush(stdout);
    return 0;
}
