// A door of the behaviour suite: `player.exe names|vtable` does what it reads, line by line, and writes what came of it.
//
//   new                         takes a new object
//   release                     releases it
//   MEMBER ARGUMENT...          calls a member: sHEX (a text, UTF-16 in hexadecimal), iNUMBER, b0 or b1
//
// It answers `ok` and a value, written as arguments are (nothing: n; a list: lHEX,HEX), or `failed CODE HEX` with the description.
// By names a member is called as a script does it, over IDispatch; by the vtable as a program built against the type library does it.

#define _WIN32_WINNT 0x0601
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <ole2.h>
#include <oleauto.h>
#include <stdio.h>
#include <string.h>

#include <string>
#include <vector>

struct Member {
    const char *name;
    int number; // its dispid; in the vtable it stands as many places behind IDispatch
    VARTYPE result;
};

static const VARTYPE LIST = VT_ARRAY | VT_BSTR;
static const Member PROCESSOR[] = {
    {"ProcessRequest", 1, VT_BSTR}, {"OpenConnection", 2, VT_EMPTY}, {"CloseConnection", 3, VT_EMPTY},
    {"BeginSession", 4, VT_BSTR}, {"EndSession", 5, VT_EMPTY}, {"GetCurrentCompanyFileName", 6, VT_BSTR},
    {"MajorVersion", 7, VT_I2}, {"MinorVersion", 8, VT_I2}, {"ReleaseLevel", 9, VT_I4}, {"ReleaseNumber", 10, VT_I2},
    {"QBXMLVersionsForSession", 11, LIST}, {"ConnectionType", 12, VT_I4}, {"ProcessSubscription", 13, VT_BSTR},
    {"QBXMLVersionsForSubscription", 14, LIST}, {"OpenConnection2", 15, VT_EMPTY}, {"AuthPreferences", 16, VT_DISPATCH},
    {"GetQBLastError", 17, VT_BSTR}};
static const Member PREFERENCES[] = {
    {"WasAuthPreferencesObeyed", 1, VT_BOOL}, {"GetIsReadOnly", 2, VT_BOOL}, {"PutIsReadOnly", 3, VT_EMPTY},
    {"GetUnattendedModePref", 4, VT_I4}, {"PutUnattendedModePref", 5, VT_EMPTY}, {"GetPersonalDataPref", 6, VT_I4},
    {"PutPersonalDataPref", 7, VT_EMPTY}, {"PutAuthFlags", 8, VT_EMPTY}};
static const int OF_DISPATCH = 7;
static const wchar_t *const PROCESSOR_5 = L"{9F44A4C6-B26E-4277-B514-F776243FFC01}";

struct Failed {
    HRESULT code;
    BSTR description;
};

static std::string hex(BSTR text)
{
    std::string out;
    char digits[5];
    for (UINT place = 0; place < SysStringLen(text); place++) {
        sprintf(digits, "%04x", text[place]);
        out += digits;
    }
    return out;
}

static VARIANT read(const std::string &word)
{
    VARIANT value;
    VariantInit(&value);
    if (word[0] == 's') {
        UINT length = (UINT)(word.size() - 1) / 4;
        value.vt = VT_BSTR;
        value.bstrVal = SysAllocStringLen(nullptr, length);
        for (UINT place = 0; place < length; place++)
            value.bstrVal[place] = (OLECHAR)strtol(word.substr(1 + 4 * place, 4).c_str(), nullptr, 16);
    } else if (word[0] == 'b') {
        value.vt = VT_BOOL;
        value.boolVal = word[1] == '1' ? VARIANT_TRUE : VARIANT_FALSE;
    } else {
        value.vt = VT_I4;
        value.lVal = atol(word.c_str() + 1);
    }
    return value;
}

static std::string written(VARIANT &value)
{
    switch (value.vt) {
    case VT_EMPTY: return "n";
    case VT_BSTR: return "s" + hex(value.bstrVal);
    case VT_I2: return "i" + std::to_string(value.iVal);
    case VT_I4: return "i" + std::to_string(value.lVal);
    case VT_BOOL: return value.boolVal ? "b1" : "b0";
    case LIST: break;
    default: return "?" + std::to_string(value.vt);
    }
    std::string out = "l";
    LONG low, high;
    SafeArrayGetLBound(value.parray, 1, &low);
    SafeArrayGetUBound(value.parray, 1, &high);
    for (LONG each = low; each <= high; each++) {
        BSTR text;
        SafeArrayGetElement(value.parray, &each, &text);
        out += (each > low ? "," : "") + hex(text);
        SysFreeString(text);
    }
    return out;
}

static VARIANT by_name(IDispatch *on, const Member &member, std::vector<VARIANT> &given)
{
    DISPID id;
    std::wstring wide(member.name, member.name + strlen(member.name));
    LPOLESTR names = &wide[0];
    HRESULT code = on->GetIDsOfNames(IID_NULL, &names, 1, LOCALE_USER_DEFAULT, &id);
    if (FAILED(code))
        throw Failed{code, nullptr};
    std::vector<VARIANT> last_first(given.rbegin(), given.rend());
    DISPPARAMS parameters = {last_first.data(), nullptr, (UINT)last_first.size(), 0};
    EXCEPINFO failure = {};
    VARIANT result;
    VariantInit(&result);
    code = on->Invoke(id, IID_NULL, LOCALE_USER_DEFAULT, DISPATCH_METHOD | DISPATCH_PROPERTYGET, &parameters, &result, &failure, nullptr);
    if (FAILED(code))
        throw code == DISP_E_EXCEPTION ? Failed{failure.scode, failure.bstrDescription} : Failed{code, nullptr};
    return result;
}

static VARIANT by_vtable(IDispatch *on, const Member &member, std::vector<VARIANT> &given)
{
    VARIANT result, out, returned;
    VariantInit(&result);
    result.vt = member.result;
    std::vector<VARTYPE> types;
    std::vector<VARIANT *> arguments;
    for (VARIANT &each : given) {
        types.push_back(each.vt);
        arguments.push_back(&each);
    }
    if (member.result != VT_EMPTY) {
        out.vt = VT_BYREF | member.result;
        out.byref = &result.lVal; // where a variant has whatever it holds
        types.push_back(out.vt);
        arguments.push_back(&out);
        result.llVal = 0;
    }
    HRESULT code = DispCallFunc(on, (OF_DISPATCH + member.number - 1) * sizeof(void *), CC_STDCALL, VT_I4, (UINT)types.size(), types.data(),
                                arguments.data(), &returned);
    if (SUCCEEDED(code))
        code = returned.lVal;
    if (SUCCEEDED(code))
        return result;
    IErrorInfo *info = nullptr;
    BSTR description = nullptr;
    if (GetErrorInfo(0, &info) == S_OK) {
        info->GetDescription(&description);
        info->Release();
    }
    throw Failed{code, description};
}

typedef VARIANT (*Way)(IDispatch *, const Member &, std::vector<VARIANT> &);

template <size_t size> static const Member &find(const Member (&members)[size], const std::string &name)
{
    for (const Member &each : members)
        if (name == each.name)
            return each;
    throw Failed{DISP_E_UNKNOWNNAME, nullptr};
}

static VARIANT call(Way way, IDispatch *on, const std::string &name, std::vector<VARIANT> &given)
{
    static const std::string OF_PREFERENCES = "AuthPreferences.";
    if (name.compare(0, OF_PREFERENCES.size(), OF_PREFERENCES))
        return way(on, find(PROCESSOR, name), given);
    std::vector<VARIANT> nothing;
    VARIANT preferences = way(on, find(PROCESSOR, "AuthPreferences"), nothing);
    try {
        VARIANT result = way(preferences.pdispVal, find(PREFERENCES, name.substr(OF_PREFERENCES.size())), given);
        VariantClear(&preferences);
        return result;
    } catch (const Failed &) {
        VariantClear(&preferences);
        throw;
    }
}

static IDispatch *make(const IID &id)
{
    CLSID of;
    void *made = nullptr;
    HRESULT code = CLSIDFromProgID(L"QBXMLRP2.RequestProcessor", &of);
    if (SUCCEEDED(code))
        code = CoCreateInstance(of, nullptr, CLSCTX_INPROC_SERVER, id, &made);
    if (FAILED(code))
        throw Failed{code, nullptr};
    return (IDispatch *)made;
}

// The words of the next line; none at the end.
static std::vector<std::string> read_line()
{
    std::vector<std::string> words(1);
    int letter;
    while ((letter = getchar()) != EOF && letter != '\n')
        if (letter == ' ')
            words.emplace_back();
        else
            words.back() += (char)letter;
    return letter == EOF ? std::vector<std::string>() : words;
}

int main(int count, char **words)
{
    bool names = count > 1 && std::string(words[1]) == "names";
    IID id = IID_IDispatch;
    IDispatch *object = nullptr;
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
    CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED);
    if (!names)
        CLSIDFromString(PROCESSOR_5, &id);
    for (std::vector<std::string> line; !(line = read_line()).empty();) {
        std::vector<VARIANT> given;
        for (size_t place = 1; place < line.size(); place++)
            given.push_back(read(line[place]));
        try {
            if (line[0] == "new") {
                object = make(id);
                printf("ok n\n");
            } else if (line[0] == "release") {
                object->Release();
                object = nullptr;
                printf("ok n\n");
            } else {
                VARIANT result = call(names ? by_name : by_vtable, object, line[0], given);
                printf("ok %s\n", written(result).c_str());
                VariantClear(&result);
            }
        } catch (const Failed &failed) {
            printf("failed %08lX s%s\n", (unsigned long)failed.code, hex(failed.description).c_str());
            SysFreeString(failed.description);
        }
        fflush(stdout);
        for (VARIANT &each : given)
            VariantClear(&each);
    }
    if (object)
        object->Release();
    CoUninitialize();
    return 0;
}
