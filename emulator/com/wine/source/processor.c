/* The request processor as a COM object: every member, through its vtable and through IDispatch, is one call on the wire. */

#include "classes.h"
#include "wire.h"

#include <limits.h>
#include <stdlib.h>

#include <ole2.h>
#include <oleauto.h>

typedef struct Processor Processor;
typedef struct Preferences Preferences;

/* The vtable of IRequestProcessor5; those of 2, 3 and 4 are its beginning. */
typedef struct {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(Processor *, REFIID, void **);
    ULONG(STDMETHODCALLTYPE *AddRef)(Processor *);
    ULONG(STDMETHODCALLTYPE *Release)(Processor *);
    HRESULT(STDMETHODCALLTYPE *GetTypeInfoCount)(Processor *, UINT *);
    HRESULT(STDMETHODCALLTYPE *GetTypeInfo)(Processor *, UINT, LCID, ITypeInfo **);
    HRESULT(STDMETHODCALLTYPE *GetIDsOfNames)(Processor *, REFIID, LPOLESTR *, UINT, LCID, DISPID *);
    HRESULT(STDMETHODCALLTYPE *Invoke)(Processor *, DISPID, REFIID, LCID, WORD, DISPPARAMS *, VARIANT *, EXCEPINFO *, UINT *);
    HRESULT(STDMETHODCALLTYPE *ProcessRequest)(Processor *, BSTR, BSTR, BSTR *);
    HRESULT(STDMETHODCALLTYPE *OpenConnection)(Processor *, BSTR, BSTR);
    HRESULT(STDMETHODCALLTYPE *CloseConnection)(Processor *);
    HRESULT(STDMETHODCALLTYPE *BeginSession)(Processor *, BSTR, long, BSTR *);
    HRESULT(STDMETHODCALLTYPE *EndSession)(Processor *, BSTR);
    HRESULT(STDMETHODCALLTYPE *GetCurrentCompanyFileName)(Processor *, BSTR, BSTR *);
    HRESULT(STDMETHODCALLTYPE *MajorVersion)(Processor *, short *);
    HRESULT(STDMETHODCALLTYPE *MinorVersion)(Processor *, short *);
    HRESULT(STDMETHODCALLTYPE *ReleaseLevel)(Processor *, long *);
    HRESULT(STDMETHODCALLTYPE *ReleaseNumber)(Processor *, short *);
    HRESULT(STDMETHODCALLTYPE *QBXMLVersionsForSession)(Processor *, BSTR, SAFEARRAY **);
    HRESULT(STDMETHODCALLTYPE *ConnectionType)(Processor *, long *);
    HRESULT(STDMETHODCALLTYPE *ProcessSubscription)(Processor *, BSTR, BSTR *);
    HRESULT(STDMETHODCALLTYPE *QBXMLVersionsForSubscription)(Processor *, SAFEARRAY **);
    HRESULT(STDMETHODCALLTYPE *OpenConnection2)(Processor *, BSTR, BSTR, long);
    HRESULT(STDMETHODCALLTYPE *AuthPreferences)(Processor *, Preferences **);
    HRESULT(STDMETHODCALLTYPE *GetQBLastError)(Processor *, BSTR *);
} ProcessorTable;

/* The old library's first interface: the first members of the later ones, without IDispatch. */
typedef struct First First;
typedef struct {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(First *, REFIID, void **);
    ULONG(STDMETHODCALLTYPE *AddRef)(First *);
    ULONG(STDMETHODCALLTYPE *Release)(First *);
    HRESULT(STDMETHODCALLTYPE *ProcessRequest)(First *, BSTR, BSTR, BSTR *);
    HRESULT(STDMETHODCALLTYPE *OpenConnection)(First *, BSTR, BSTR);
    HRESULT(STDMETHODCALLTYPE *CloseConnection)(First *);
    HRESULT(STDMETHODCALLTYPE *BeginSession)(First *, BSTR, long, BSTR *);
    HRESULT(STDMETHODCALLTYPE *EndSession)(First *, BSTR);
    HRESULT(STDMETHODCALLTYPE *GetCurrentCompanyFileName)(First *, BSTR, BSTR *);
} FirstTable;

struct First {
    const FirstTable *table;
    Processor *processor;
};

/* The vtable of IAuthPreferences2; that of IAuthPreferences is its beginning. */
typedef struct {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(Preferences *, REFIID, void **);
    ULONG(STDMETHODCALLTYPE *AddRef)(Preferences *);
    ULONG(STDMETHODCALLTYPE *Release)(Preferences *);
    HRESULT(STDMETHODCALLTYPE *GetTypeInfoCount)(Preferences *, UINT *);
    HRESULT(STDMETHODCALLTYPE *GetTypeInfo)(Preferences *, UINT, LCID, ITypeInfo **);
    HRESULT(STDMETHODCALLTYPE *GetIDsOfNames)(Preferences *, REFIID, LPOLESTR *, UINT, LCID, DISPID *);
    HRESULT(STDMETHODCALLTYPE *Invoke)(Preferences *, DISPID, REFIID, LCID, WORD, DISPPARAMS *, VARIANT *, EXCEPINFO *, UINT *);
    HRESULT(STDMETHODCALLTYPE *WasAuthPreferencesObeyed)(Preferences *, BSTR, VARIANT_BOOL *);
    HRESULT(STDMETHODCALLTYPE *GetIsReadOnly)(Preferences *, BSTR, VARIANT_BOOL *);
    HRESULT(STDMETHODCALLTYPE *PutIsReadOnly)(Preferences *, VARIANT_BOOL);
    HRESULT(STDMETHODCALLTYPE *GetUnattendedModePref)(Preferences *, BSTR, long *);
    HRESULT(STDMETHODCALLTYPE *PutUnattendedModePref)(Preferences *, long);
    HRESULT(STDMETHODCALLTYPE *GetPersonalDataPref)(Preferences *, BSTR, long *);
    HRESULT(STDMETHODCALLTYPE *PutPersonalDataPref)(Preferences *, long);
    HRESULT(STDMETHODCALLTYPE *PutAuthFlags)(Preferences *, long);
} PreferencesTable;

/* Says which interfaces tell their errors in full: all of them. */
typedef struct {
    const ISupportErrorInfoVtbl *table;
    IUnknown *owner;
} Errors;

struct Processor {
    const ProcessorTable *table;
    LONG references;
    Errors errors;
    First first;
    const Class *of;
    ITypeInfo *type;
    Remote remote;
};

struct Preferences {
    const PreferencesTable *table;
    LONG references;
    Errors errors;
    ITypeInfo *type;
    Processor *processor;
};

/* ---- one call ------------------------------------------------------------------------------------------------------------------ */

typedef struct {
    Processor *processor;
    const char *member;
    const GUID *interface_id;
    Bytes arguments, body;
    BOOL has_body;
    Answer answer;
} Call;

static Call call_begin(Processor *processor, const char *member)
{
    SetErrorInfo(0, NULL);
    processor->table->AddRef(processor); /* while we wait, COM may let in a call that releases the object */
    return (Call){.processor = processor, .member = member, .interface_id = &interfaces[processor->of->default_interface].id};
}

static void call_text(Call *call, const char *name, BSTR value)
{
    bytes_add_word(&call->arguments, name);
    bytes_add_escaped(&call->arguments, value);
}

static void call_number(Call *call, const char *name, long value)
{
    bytes_add_word(&call->arguments, name);
    bytes_add_number(&call->arguments, value);
}

static void call_document(Call *call, BSTR document)
{
    bytes_add_text(&call->body, document);
    call->has_body = TRUE;
}

/* Tell the caller what went wrong, as COM wants it: a code, and beside it a sentence and who says it. */
static void tell(const Call *call)
{
    ICreateErrorInfo *made;
    IErrorInfo *info;
    BSTR description = NULL;
    if (FAILED(CreateErrorInfo(&made)))
        return;
    text_from_utf8(call->answer.text.data, call->answer.text.length, &description);
    const Class *of = call->processor->of;
    made->lpVtbl->SetGUID(made, call->interface_id);
    made->lpVtbl->SetSource(made, (LPOLESTR)of->progid);
    if (description)
        made->lpVtbl->SetDescription(made, description);
    if (SUCCEEDED(made->lpVtbl->QueryInterface(made, &IID_IErrorInfo, (void **)&info))) {
        SetErrorInfo(0, info);
        info->lpVtbl->Release(info);
    }
    made->lpVtbl->Release(made);
    SysFreeString(description);
}

static void call_fail(Call *call, HRESULT code, const char *description)
{
    bytes_free(&call->answer.text);
    call->answer.code = code;
    bytes_add_word(&call->answer.text, description);
}

/* Whether this thread is in COM. The real object speaks COM to QuickBooks, a process of its own, and cannot from a thread that is not
   (inferred); an object in the program's process is otherwise called without COM's help. */
static BOOL has_entered(void)
{
    APTTYPE type;
    APTTYPEQUALIFIER how;
    return CoGetApartmentType(&type, &how) != CO_E_NOTINITIALIZED;
}

/* Send the call; FALSE when it failed or its value has another type than the member. */
static BOOL call_send(Call *call, Kind expected)
{
    if (!has_entered()) {
        call_fail(call, CO_E_NOTINITIALIZED, "CoInitialize has not been called.");
        return FALSE;
    }
    remote_call(&call->processor->remote, call->member, &call->arguments, call->has_body ? &call->body : NULL, &call->answer);
    if (SUCCEEDED(call->answer.code) && call->answer.kind != expected)
        call_fail(call, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), "FakeBooks answered with a value of another type");
    return SUCCEEDED(call->answer.code);
}

static HRESULT call_end(Call *call)
{
    HRESULT code = call->answer.code;
    if (FAILED(code))
        tell(call);
    bytes_free(&call->arguments);
    bytes_free(&call->body);
    bytes_free(&call->answer.text);
    call->processor->table->Release(call->processor);
    return code;
}

static HRESULT end_with_nothing(Call *call)
{
    call_send(call, KIND_NONE);
    return call_end(call);
}

static void read_text(Call *call, const char *data, size_t length, BSTR *value)
{
    HRESULT read = text_from_utf8(data, length, value);
    if (read == E_INVALIDARG)
        call_fail(call, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), "FakeBooks answered with text that is not UTF-8");
    else if (FAILED(read))
        call_fail(call, E_OUTOFMEMORY, "The answer is too large for this program's memory.");
}

static HRESULT end_with_text(Call *call, BSTR *value)
{
    if (call_send(call, KIND_TEXT))
        read_text(call, call->answer.text.data, call->answer.text.length, value);
    return call_end(call);
}

static BOOL read_number(const Bytes *text, long *value)
{
    BOOL negative = text->length && text->data[0] == '-';
    long long number = 0;
    for (size_t at = negative; at < text->length; at++) {
        if (text->data[at] < '0' || text->data[at] > '9' || number > 0x7FFFFFFF)
            return FALSE;
        number = number * 10 + (text->data[at] - '0');
    }
    number = negative ? -number : number;
    if (text->length <= (size_t)negative || number < -0x80000000LL || number > 0x7FFFFFFF)
        return FALSE;
    *value = (long)number;
    return TRUE;
}

static HRESULT end_with_number(Call *call, Kind kind, long *value)
{
    if (call_send(call, kind) && !read_number(&call->answer.text, value))
        call_fail(call, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), "FakeBooks answered with something that is no number");
    return call_end(call);
}

static HRESULT end_with_short(Call *call, short *value)
{
    long number = 0;
    if (call_send(call, KIND_INTEGER) && (!read_number(&call->answer.text, &number) || number < SHRT_MIN || number > SHRT_MAX))
        call_fail(call, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), "FakeBooks answered with something that is no short number");
    else
        *value = (short)number;
    return call_end(call);
}

static HRESULT end_with_boolean(Call *call, VARIANT_BOOL *value)
{
    long number = 0;
    HRESULT code = end_with_number(call, KIND_BOOLEAN, &number);
    *value = number ? VARIANT_TRUE : VARIANT_FALSE;
    return code;
}

/* A list is one text per line. */
static void read_list(Call *call, SAFEARRAY **value)
{
    const char *data = call->answer.text.data;
    size_t length = call->answer.text.length;
    ULONG count = length ? 1 : 0;
    for (size_t at = 0; at < length; at++)
        count += data[at] == '\n';
    SAFEARRAY *list = SafeArrayCreateVector(VT_BSTR, 0, count);
    if (!list) {
        call_fail(call, E_OUTOFMEMORY, "The answer is too large for this program's memory.");
        return;
    }
    size_t begin = 0;
    for (LONG each = 0; each < (LONG)count && SUCCEEDED(call->answer.code); each++) {
        size_t end = begin;
        BSTR text = NULL;
        while (end < length && data[end] != '\n')
            end++;
        read_text(call, data + begin, end - begin, &text);
        if (FAILED(call->answer.code))
            break; /* its text, which we were reading, is the description now */
        if (FAILED(SafeArrayPutElement(list, &each, text)))
            call->answer.code = E_OUTOFMEMORY;
        SysFreeString(text);
        begin = end + 1;
    }
    if (FAILED(call->answer.code))
        SafeArrayDestroy(list);
    else
        *value = list;
}

static HRESULT end_with_list(Call *call, SAFEARRAY **value)
{
    if (call_send(call, KIND_LIST))
        read_list(call, value);
    return call_end(call);
}

#define NEEDS(pointer) \
    do { \
        if (!(pointer)) \
            return E_POINTER; \
        *(pointer) = 0; \
    } while (0)

/* ---- IDispatch: what the type library says, COM's own engine does --------------------------------------------------------------- */

static HRESULT type_of(ITypeInfo **slot, int interface_number)
{
    if (*slot)
        return S_OK;
    const Interface *wanted = &interfaces[interface_number];
    WCHAR *path = module_path();
    ITypeLib *library = NULL;
    if (!path)
        return E_OUTOFMEMORY;
    size_t length = wcslen(path);
    path[length] = '\\'; /* module_path leaves room for the number of a resource */
    path[length + 1] = (WCHAR)('0' + libraries[wanted->types].resource);
    path[length + 2] = 0;
    HRESULT code = LoadTypeLibEx(path, REGKIND_NONE, &library);
    free(path);
    if (FAILED(code))
        return code;
    code = library->lpVtbl->GetTypeInfoOfGuid(library, &wanted->id, slot);
    library->lpVtbl->Release(library);
    return code;
}

static HRESULT give_type(ITypeInfo **slot, int interface_number, UINT index, ITypeInfo **type)
{
    NEEDS(type);
    if (index)
        return DISP_E_BADINDEX;
    HRESULT code = type_of(slot, interface_number);
    if (SUCCEEDED(code)) {
        *type = *slot;
        (*type)->lpVtbl->AddRef(*type);
    }
    return code;
}

static HRESULT give_ids(ITypeInfo **slot, int interface_number, LPOLESTR *names, UINT count, DISPID *ids)
{
    HRESULT code = type_of(slot, interface_number);
    return FAILED(code) ? code : (*slot)->lpVtbl->GetIDsOfNames(*slot, names, count, ids);
}

/* Whether a code is one of the request processor's own; they come with a description. */
static BOOL is_processors(HRESULT code)
{
    DWORD family = (DWORD)code & 0xFFFFFF00;
    return family == 0x80040400 || family == 0x80040300;
}

/* Whether more arguments are given than a member takes. Wine's own Invoke passes over those that are too many; COM refuses them. */
static BOOL too_many(ITypeInfo *type, DISPID id, WORD flags, UINT given)
{
    TYPEATTR *about;
    BOOL many = FALSE;
    if (FAILED(type->lpVtbl->GetTypeAttr(type, &about)))
        return FALSE;
    for (UINT each = 0; each < about->cFuncs; each++) {
        FUNCDESC *member;
        if (FAILED(type->lpVtbl->GetFuncDesc(type, each, &member)))
            continue;
        if (member->memid == id && (member->invkind & flags)) {
            UINT takes = 0;
            for (SHORT place = 0; place < member->cParams; place++)
                takes += !(member->lprgelemdescParam[place].paramdesc.wParamFlags & PARAMFLAG_FRETVAL);
            many = given > takes;
        }
        type->lpVtbl->ReleaseFuncDesc(type, member);
    }
    type->lpVtbl->ReleaseTypeAttr(type, about);
    return many;
}

static HRESULT invoke(
    ITypeInfo **slot, int interface_number, void *self, DISPID id, WORD flags, DISPPARAMS *given, VARIANT *result, EXCEPINFO *failure,
    UINT *wrong_argument)
{
    EXCEPINFO own = {0};
    HRESULT code = type_of(slot, interface_number);
    if (FAILED(code))
        return code;
    if (given && too_many(*slot, id, flags, given->cArgs))
        return DISP_E_BADPARAMCOUNT;
    /* A method asked for as a property is refused: tools that look a member up that way would call it. */
    code = (*slot)->lpVtbl->Invoke(*slot, self, id, flags, given, result, failure ? failure : &own, wrong_argument);
    SysFreeString(own.bstrSource);
    SysFreeString(own.bstrDescription);
    SysFreeString(own.bstrHelpFile);
    if (code != DISP_E_EXCEPTION || !failure || is_processors(failure->scode) || !failure->scode)
        return code;
    /* COM's own failures (the server is gone) are the result itself, as when COM finds them out. */
    code = failure->scode;
    SysFreeString(failure->bstrSource);
    SysFreeString(failure->bstrDescription);
    SysFreeString(failure->bstrHelpFile);
    *failure = (EXCEPINFO){0};
    return code;
}

/* ---- ISupportErrorInfo ---------------------------------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE errors_query(ISupportErrorInfo *self, REFIID wanted, void **found)
{
    IUnknown *owner = ((Errors *)self)->owner;
    return owner->lpVtbl->QueryInterface(owner, wanted, found);
}

static ULONG STDMETHODCALLTYPE errors_add_ref(ISupportErrorInfo *self)
{
    IUnknown *owner = ((Errors *)self)->owner;
    return owner->lpVtbl->AddRef(owner);
}

static ULONG STDMETHODCALLTYPE errors_release(ISupportErrorInfo *self)
{
    IUnknown *owner = ((Errors *)self)->owner;
    return owner->lpVtbl->Release(owner);
}

static HRESULT STDMETHODCALLTYPE errors_of(ISupportErrorInfo *self, REFIID wanted)
{
    (void)self;
    for (int each = 0; each < INTERFACES; each++)
        if (IsEqualGUID(wanted, &interfaces[each].id))
            return S_OK;
    return S_FALSE;
}

static const ISupportErrorInfoVtbl errors_table = {errors_query, errors_add_ref, errors_release, errors_of};

/* ---- IAuthPreferences2 ---------------------------------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE preferences_query(Preferences *self, REFIID wanted, void **found)
{
    NEEDS(found);
    if (IsEqualGUID(wanted, &IID_ISupportErrorInfo))
        *found = &self->errors;
    else if (IsEqualGUID(wanted, &IID_IUnknown) || IsEqualGUID(wanted, &IID_IDispatch) ||
             IsEqualGUID(wanted, &interfaces[PREFERENCES].id) || IsEqualGUID(wanted, &interfaces[PREFERENCES_2].id))
        *found = self;
    else
        return E_NOINTERFACE;
    self->table->AddRef(self);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE preferences_add_ref(Preferences *self) { return (ULONG)InterlockedIncrement(&self->references); }

static ULONG STDMETHODCALLTYPE preferences_release(Preferences *self)
{
    LONG left = InterlockedDecrement(&self->references);
    if (!left) {
        if (self->type)
            self->type->lpVtbl->Release(self->type);
        self->processor->table->Release(self->processor);
        free(self);
    }
    return (ULONG)left;
}

static HRESULT STDMETHODCALLTYPE preferences_type_count(Preferences *self, UINT *count)
{
    (void)self;
    NEEDS(count);
    *count = 1;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE preferences_type(Preferences *self, UINT index, LCID locale, ITypeInfo **type)
{
    (void)locale;
    return give_type(&self->type, PREFERENCES_2, index, type);
}

static HRESULT STDMETHODCALLTYPE preferences_ids(Preferences *self, REFIID none, LPOLESTR *names, UINT count, LCID locale, DISPID *ids)
{
    (void)none, (void)locale;
    return give_ids(&self->type, PREFERENCES_2, names, count, ids);
}

static HRESULT STDMETHODCALLTYPE preferences_invoke(
    Preferences *self, DISPID id, REFIID none, LCID locale, WORD flags, DISPPARAMS *given, VARIANT *result, EXCEPINFO *failure, UINT *wrong)
{
    (void)none, (void)locale;
    return invoke(&self->type, PREFERENCES_2, self, id, flags, given, result, failure, wrong);
}

static Call preference_begin(Preferences *self, const char *member)
{
    Call call = call_begin(self->processor, member);
    call.interface_id = &interfaces[PREFERENCES_2].id;
    return call;
}

static HRESULT STDMETHODCALLTYPE WasAuthPreferencesObeyed(Preferences *self, BSTR ticket, VARIANT_BOOL *value)
{
    NEEDS(value);
    Call call = preference_begin(self, "AuthPreferences.WasAuthPreferencesObeyed");
    call_text(&call, "&ticket=", ticket);
    return end_with_boolean(&call, value);
}

static HRESULT STDMETHODCALLTYPE GetIsReadOnly(Preferences *self, BSTR ticket, VARIANT_BOOL *value)
{
    NEEDS(value);
    Call call = preference_begin(self, "AuthPreferences.GetIsReadOnly");
    call_text(&call, "&ticket=", ticket);
    return end_with_boolean(&call, value);
}

static HRESULT STDMETHODCALLTYPE PutIsReadOnly(Preferences *self, VARIANT_BOOL value)
{
    Call call = preference_begin(self, "AuthPreferences.PutIsReadOnly");
    call_number(&call, "&isReadOnly=", value ? 1 : 0);
    return end_with_nothing(&call);
}

static HRESULT STDMETHODCALLTYPE GetUnattendedModePref(Preferences *self, BSTR ticket, long *value)
{
    NEEDS(value);
    Call call = preference_begin(self, "AuthPreferences.GetUnattendedModePref");
    call_text(&call, "&ticket=", ticket);
    return end_with_number(&call, KIND_INTEGER, value);
}

static HRESULT STDMETHODCALLTYPE PutUnattendedModePref(Preferences *self, long value)
{
    Call call = preference_begin(self, "AuthPreferences.PutUnattendedModePref");
    call_number(&call, "&unattendedModePref=", value);
    return end_with_nothing(&call);
}

static HRESULT STDMETHODCALLTYPE GetPersonalDataPref(Preferences *self, BSTR ticket, long *value)
{
    NEEDS(value);
    Call call = preference_begin(self, "AuthPreferences.GetPersonalDataPref");
    call_text(&call, "&ticket=", ticket);
    return end_with_number(&call, KIND_INTEGER, value);
}

static HRESULT STDMETHODCALLTYPE PutPersonalDataPref(Preferences *self, long value)
{
    Call call = preference_begin(self, "AuthPreferences.PutPersonalDataPref");
    call_number(&call, "&personalDataPref=", value);
    return end_with_nothing(&call);
}

static HRESULT STDMETHODCALLTYPE PutAuthFlags(Preferences *self, long value)
{
    Call call = preference_begin(self, "AuthPreferences.PutAuthFlags");
    call_number(&call, "&authFlags=", value);
    return end_with_nothing(&call);
}

static const PreferencesTable preferences_table = {
    preferences_query,      preferences_add_ref,  preferences_release, preferences_type_count, preferences_type,
    preferences_ids,        preferences_invoke,   WasAuthPreferencesObeyed, GetIsReadOnly,     PutIsReadOnly,
    GetUnattendedModePref,  PutUnattendedModePref, GetPersonalDataPref, PutPersonalDataPref,   PutAuthFlags,
};

/* ---- IRequestProcessor2 to 5 ----------------------------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE processor_query(Processor *self, REFIID wanted, void **found)
{
    NEEDS(found);
    if (IsEqualGUID(wanted, &IID_ISupportErrorInfo))
        *found = &self->errors;
    else if (IsEqualGUID(wanted, &IID_IUnknown) || IsEqualGUID(wanted, &IID_IDispatch))
        *found = self;
    else if (IsEqualGUID(wanted, &interfaces[PROCESSOR_1].id) && self->of == &classes[CLASS_OLD])
        *found = &self->first;
    /* A class has its default interface and those before it; a later one would promise members that it has not. */
    for (int each = PROCESSOR_2; each <= self->of->default_interface; each++)
        if (IsEqualGUID(wanted, &interfaces[each].id))
            *found = self;
    if (!*found)
        return E_NOINTERFACE;
    self->table->AddRef(self);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE processor_add_ref(Processor *self) { return (ULONG)InterlockedIncrement(&self->references); }

static ULONG STDMETHODCALLTYPE processor_release(Processor *self)
{
    LONG left = InterlockedDecrement(&self->references);
    if (!left) {
        self->references = 1; /* what is let in while we wait for the wire finds the object whole */
        remote_release(&self->remote);
        if (self->type)
            self->type->lpVtbl->Release(self->type);
        free(self);
        InterlockedDecrement(&objects);
    }
    return (ULONG)left;
}

static HRESULT STDMETHODCALLTYPE processor_type_count(Processor *self, UINT *count)
{
    (void)self;
    NEEDS(count);
    *count = 1;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE processor_type(Processor *self, UINT index, LCID locale, ITypeInfo **type)
{
    (void)locale;
    return give_type(&self->type, self->of->default_interface, index, type);
}

static HRESULT STDMETHODCALLTYPE processor_ids(Processor *self, REFIID none, LPOLESTR *names, UINT count, LCID locale, DISPID *ids)
{
    (void)none, (void)locale;
    return give_ids(&self->type, self->of->default_interface, names, count, ids);
}

static HRESULT STDMETHODCALLTYPE processor_invoke(
    Processor *self, DISPID id, REFIID none, LCID locale, WORD flags, DISPPARAMS *given, VARIANT *result, EXCEPINFO *failure, UINT *wrong)
{
    (void)none, (void)locale;
    return invoke(&self->type, self->of->default_interface, self, id, flags, given, result, failure, wrong);
}

static HRESULT STDMETHODCALLTYPE ProcessRequest(Processor *self, BSTR ticket, BSTR request, BSTR *answer)
{
    NEEDS(answer);
    Call call = call_begin(self, "ProcessRequest");
    call_text(&call, "&ticket=", ticket);
    call_document(&call, request);
    return end_with_text(&call, answer);
}

static HRESULT STDMETHODCALLTYPE OpenConnection(Processor *self, BSTR id, BSTR name)
{
    Call call = call_begin(self, "OpenConnection");
    call_text(&call, "&appID=", id);
    call_text(&call, "&appName=", name);
    return end_with_nothing(&call);
}

static HRESULT STDMETHODCALLTYPE CloseConnection(Processor *self)
{
    Call call = call_begin(self, "CloseConnection");
    return end_with_nothing(&call);
}

static HRESULT STDMETHODCALLTYPE BeginSession(Processor *self, BSTR file, long mode, BSTR *ticket)
{
    NEEDS(ticket);
    Call call = call_begin(self, "BeginSession");
    call_text(&call, "&qbFileName=", file);
    call_number(&call, "&reqFileMode=", mode);
    return end_with_text(&call, ticket);
}

static HRESULT STDMETHODCALLTYPE EndSession(Processor *self, BSTR ticket)
{
    Call call = call_begin(self, "EndSession");
    call_text(&call, "&ticket=", ticket);
    return end_with_nothing(&call);
}

static HRESULT STDMETHODCALLTYPE GetCurrentCompanyFileName(Processor *self, BSTR ticket, BSTR *path)
{
    NEEDS(path);
    Call call = call_begin(self, "GetCurrentCompanyFileName");
    call_text(&call, "&ticket=", ticket);
    return end_with_text(&call, path);
}

static HRESULT STDMETHODCALLTYPE MajorVersion(Processor *self, short *value)
{
    NEEDS(value);
    Call call = call_begin(self, "MajorVersion");
    return end_with_short(&call, value);
}

static HRESULT STDMETHODCALLTYPE MinorVersion(Processor *self, short *value)
{
    NEEDS(value);
    Call call = call_begin(self, "MinorVersion");
    return end_with_short(&call, value);
}

static HRESULT STDMETHODCALLTYPE ReleaseLevel(Processor *self, long *value)
{
    NEEDS(value);
    Call call = call_begin(self, "ReleaseLevel");
    return end_with_number(&call, KIND_INTEGER, value);
}

static HRESULT STDMETHODCALLTYPE ReleaseNumber(Processor *self, short *value)
{
    NEEDS(value);
    Call call = call_begin(self, "ReleaseNumber");
    return end_with_short(&call, value);
}

static HRESULT STDMETHODCALLTYPE QBXMLVersionsForSession(Processor *self, BSTR ticket, SAFEARRAY **versions)
{
    NEEDS(versions);
    Call call = call_begin(self, "QBXMLVersionsForSession");
    call_text(&call, "&ticket=", ticket);
    return end_with_list(&call, versions);
}

static HRESULT STDMETHODCALLTYPE ConnectionType(Processor *self, long *value)
{
    NEEDS(value);
    Call call = call_begin(self, "ConnectionType");
    return end_with_number(&call, KIND_INTEGER, value);
}

static HRESULT STDMETHODCALLTYPE ProcessSubscription(Processor *self, BSTR request, BSTR *answer)
{
    NEEDS(answer);
    Call call = call_begin(self, "ProcessSubscription");
    call_document(&call, request);
    return end_with_text(&call, answer);
}

static HRESULT STDMETHODCALLTYPE QBXMLVersionsForSubscription(Processor *self, SAFEARRAY **versions)
{
    NEEDS(versions);
    Call call = call_begin(self, "QBXMLVersionsForSubscription");
    return end_with_list(&call, versions);
}

static HRESULT STDMETHODCALLTYPE OpenConnection2(Processor *self, BSTR id, BSTR name, long type)
{
    Call call = call_begin(self, "OpenConnection2");
    call_text(&call, "&appID=", id);
    call_text(&call, "&appName=", name);
    call_number(&call, "&connPref=", type);
    return end_with_nothing(&call);
}

static HRESULT STDMETHODCALLTYPE AuthPreferences(Processor *self, Preferences **made)
{
    NEEDS(made);
    Preferences *preferences = calloc(1, sizeof *preferences);
    if (!preferences)
        return E_OUTOFMEMORY;
    *preferences = (Preferences){&preferences_table, 1, {&errors_table, (IUnknown *)preferences}, NULL, self};
    self->table->AddRef(self);
    *made = preferences;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE GetQBLastError(Processor *self, BSTR *text)
{
    NEEDS(text);
    Call call = call_begin(self, "GetQBLastError");
    return end_with_text(&call, text);
}

static const ProcessorTable processor_table = {
    processor_query, processor_add_ref, processor_release,    processor_type_count, processor_type,   processor_ids, processor_invoke,
    ProcessRequest,  OpenConnection,    CloseConnection,      BeginSession,         EndSession,       GetCurrentCompanyFileName,
    MajorVersion,    MinorVersion,      ReleaseLevel,         ReleaseNumber,        QBXMLVersionsForSession,
    ConnectionType,  ProcessSubscription, QBXMLVersionsForSubscription, OpenConnection2, AuthPreferences, GetQBLastError,
};

/* ---- IRequestProcessor ------------------------------------------------------------------------------------------------------------ */

static HRESULT STDMETHODCALLTYPE first_query(First *self, REFIID wanted, void **found)
{
    return processor_query(self->processor, wanted, found);
}

static ULONG STDMETHODCALLTYPE first_add_ref(First *self) { return processor_add_ref(self->processor); }

static ULONG STDMETHODCALLTYPE first_release(First *self) { return processor_release(self->processor); }

static HRESULT STDMETHODCALLTYPE first_ProcessRequest(First *self, BSTR ticket, BSTR request, BSTR *answer)
{
    return ProcessRequest(self->processor, ticket, request, answer);
}

static HRESULT STDMETHODCALLTYPE first_OpenConnection(First *self, BSTR id, BSTR name)
{
    return OpenConnection(self->processor, id, name);
}

static HRESULT STDMETHODCALLTYPE first_CloseConnection(First *self) { return CloseConnection(self->processor); }

static HRESULT STDMETHODCALLTYPE first_BeginSession(First *self, BSTR file, long mode, BSTR *ticket)
{
    return BeginSession(self->processor, file, mode, ticket);
}

static HRESULT STDMETHODCALLTYPE first_EndSession(First *self, BSTR ticket) { return EndSession(self->processor, ticket); }

static HRESULT STDMETHODCALLTYPE first_GetCurrentCompanyFileName(First *self, BSTR ticket, BSTR *path)
{
    return GetCurrentCompanyFileName(self->processor, ticket, path);
}

static const FirstTable first_table = {
    first_query,        first_add_ref,    first_release, first_ProcessRequest, first_OpenConnection, first_CloseConnection,
    first_BeginSession, first_EndSession, first_GetCurrentCompanyFileName,
};

/* Say on standard error why no object was made: most tools show the code of a failed creation only. */
static void tell_on_standard_error(const Bytes *text)
{
    HANDLE error = GetStdHandle(STD_ERROR_HANDLE);
    Bytes line = {0};
    DWORD written;
    bytes_add_word(&line, "fakebooks: ");
    bytes_add(&line, text->data, text->length);
    bytes_add_word(&line, "\r\n");
    if (error && error != INVALID_HANDLE_VALUE && !line.failed)
        WriteFile(error, line.data, (DWORD)line.length, &written, NULL);
    bytes_free(&line);
}

HRESULT processor_create(const Class *of, REFIID wanted, void **made)
{
    Answer answer = {0};
    Processor *processor = calloc(1, sizeof *processor);
    if (!processor)
        return E_OUTOFMEMORY;
    *processor = (Processor){&processor_table, 1, {&errors_table, (IUnknown *)processor}, {&first_table, processor}, of, NULL, {0}};
    InterlockedIncrement(&objects);
    remote_create(&processor->remote, of->wire_name, &answer);
    HRESULT code = answer.code;
    if (SUCCEEDED(code))
        code = processor_query(processor, wanted, made);
    else
        tell_on_standard_error(&answer.text);
    bytes_free(&answer.text);
    processor_release(processor);
    return code;
}
