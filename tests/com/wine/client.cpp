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

static const wchar_t *const IIDS[] = {
    L"{AC48EB1D-E953-446B-A63C-77E7862DE4B8}", L"{3B635BF7-6DA9-46C8-A1F6-F0C93F10D52F}",
    L"{8DB91B17-D5A2-41DB-80A7-CC6F1E449A05}", L"{9F44A4C6-B26E-4277-B514-F776243FFC01}"};
static const wchar_t *const PREFERENCES[] = {
    L"{4277578A-9687-4EBC-8586-1CA4759B17C3}", L"{F810CC1A-151E-48A8-84C9-3F6978FB699C}"};

static std::string utf8(const wchar_t *text, int length)
{
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

static IRequestProcessor5 *create(const wchar_t *name)
{
    CLSID id;
    IRequestProcessor5 *made = nullptr;
    HRESULT code = CLSIDFromProgID(name, &id);
    if (SUCCEEDED(code))
        code = CoCreateInstance(id, nullptr, CLSCTX_INPROC_SERVER, guid(IIDS[3]), (void **)&made);
    show("create", code);
    if (FAILED(code))
        exit(3);
    return made;
}

static BSTR begin(IRequestProcessor5 *processor)
{
    BSTR ticket = nullptr;
    show("OpenConnection2", processor->OpenConnection2(SysAllocString(L""), SysAllocString(L"C++ client"), 1));
    show("BeginSession", processor->BeginSession(SysAllocString(L""), 2, &ticket));
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

// Calls whatever it is told to, over the vtable; for answers that are no answers.
static void once(const wchar_t *name)
{
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
static void victim(const wchar_t *name, const wchar_t *request)
{
    IRequestProcessor5 *processor = create(name);
    BSTR ticket = begin(processor), answer = nullptr;
    printf("begun\n");
    fflush(stdout);
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
        late(words[2]);
    else if (act == L"once")
        once(words[2]);
    else if (act == L"slow")
        slow(words[2]);
    else if (act == L"threads")
        threads(words[2]);
    else if (act == L"library" && count > 3)
        library(words[2], words[3]);
    else if (act == L"victim" && count > 3)
        victim(words[2], words[3]);
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
