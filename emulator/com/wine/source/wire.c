#define _WIN32_WINNT 0x0601
#include <winsock2.h>
#include <ws2tcpip.h>

#include "wire.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <objbase.h>

enum {
    CONNECT_LIMIT_MS = 10000,     /* the loopback answers in no time, or nobody is there */
    SEND_LIMIT_MS = 60000,        /* without a byte taken */
    SILENCE_LIMIT_MS = 60000,     /* within an answer that has begun; before it QuickBooks may think as long as it likes */
    ALIVE_EVERY_MS = 2000,
    LOST_AFTER_MS = 30000,        /* the wire did not hear us for so long: as long as it waits before it takes us for dead */
    RELEASE_LIMIT_MS = 5000,
    URI_TOO_LONG = 414,
    IDLE_MS_MAX = 10000,          /* a connection unused for longer is opened anew, before the server closes it */
    HEAD_BYTES_MAX = 65536,
    READ_BYTES = 65536,
    RESERVE_BYTES_MAX = 16 * 1024 * 1024,
};

static const size_t ANSWER_BYTES_MAX = (size_t)512 * 1024 * 1024;

#define RPC_UNAVAILABLE HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)
#define RPC_FAILED HRESULT_FROM_WIN32(RPC_S_CALL_FAILED)
#define NO_MEMORY ((HRESULT)0x8004040E)

struct Connection {
    SOCKET socket;
    WSAEVENT changed;   /* the socket can do something it could not do before */
    BOOL pumps;         /* we are on a thread of the program: let COM and window messages in while we wait */
    DWORD first_limit_ms; /* for the first byte of an answer */
    ULONGLONG until;    /* on a thread of our own: when to have ended by all means */
    ULONGLONG used_at;
};

/* This process, as the wire knows it. */
static struct {
    SRWLOCK lock;
    BOOL begun;         /* winsock is there, the module stays */
    HANDLE lost;        /* set when the wire is gone: calls that wait for an answer wait no more */
    char *name;         /* NULL before the first greeting, and again when the wire was lost */
    char *host, *port, *machine;
    long long body_bytes_max;
} client = {.lock = SRWLOCK_INIT};

/* ---- answers ------------------------------------------------------------------------------------------------------------------- */

static void fail(Answer *answer, HRESULT code, const char *description)
{
    bytes_free(&answer->text);
    answer->code = code;
    answer->kind = KIND_NONE;
    bytes_add_word(&answer->text, description);
}

static void fail_with_number(Answer *answer, HRESULT code, const char *before, long long number, const char *after)
{
    fail(answer, code, before);
    bytes_add_number(&answer->text, number);
    bytes_add_word(&answer->text, after);
}

static void fail_transport(Answer *answer, HRESULT code, int error)
{
    const char *what = code == RPC_UNAVAILABLE ? "The RPC server is unavailable. (FakeBooks: error "
                                               : "The remote procedure call failed. (FakeBooks: error ";
    fail_with_number(answer, code, what, error, ")");
}

/* ---- connections --------------------------------------------------------------------------------------------------------------- */

static void connection_close(Connection *connection)
{
    if (!connection)
        return;
    if (connection->socket != INVALID_SOCKET)
        closesocket(connection->socket);
    if (connection->changed != WSA_INVALID_EVENT)
        WSACloseEvent(connection->changed);
    free(connection);
}

/* Wait until the socket can do more. On a thread of the program the wait is COM's own, as it is with the real out-of-process QuickBooks:
   a window stays alive while its program waits. Returns 0 or an error of winsock. */
static int connection_wait(Connection *connection, DWORD limit_ms)
{
    HANDLE handles[2] = {connection->changed, client.lost};
    DWORD index = WAIT_TIMEOUT;
    if (connection->pumps) {
        HRESULT waited = CoWaitForMultipleHandles(0, limit_ms, 2, handles, &index);
        if (waited == RPC_S_CALLPENDING)
            return WSAETIMEDOUT;
        if (FAILED(waited)) /* a thread that has left COM */
            index = WaitForMultipleObjects(2, handles, FALSE, limit_ms);
    } else {
        ULONGLONG now = GetTickCount64(), left = now < connection->until ? connection->until - now : 0;
        index = WaitForSingleObject(connection->changed, left < limit_ms ? (DWORD)left : limit_ms);
    }
    if (index == WAIT_TIMEOUT)
        return WSAETIMEDOUT;
    return index == WAIT_OBJECT_0 ? 0 : WSAECONNABORTED;
}

static int connect_to(Connection *connection, const struct addrinfo *address)
{
    connection->socket = socket(address->ai_family, SOCK_STREAM, IPPROTO_TCP);
    if (connection->socket == INVALID_SOCKET)
        return WSAGetLastError();
    BOOL at_once = TRUE;
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, (const char *)&at_once, sizeof at_once);
    SetHandleInformation((HANDLE)connection->socket, HANDLE_FLAG_INHERIT, 0);
    if (WSAEventSelect(connection->socket, connection->changed, FD_CONNECT | FD_READ | FD_WRITE | FD_CLOSE))
        return WSAGetLastError();
    if (!connect(connection->socket, address->ai_addr, (int)address->ai_addrlen))
        return 0;
    if (WSAGetLastError() != WSAEWOULDBLOCK)
        return WSAGetLastError();
    ULONGLONG until = GetTickCount64() + CONNECT_LIMIT_MS;
    for (;;) {
        ULONGLONG now = GetTickCount64();
        int waited = now < until ? connection_wait(connection, (DWORD)(until - now)) : WSAETIMEDOUT;
        if (waited)
            return waited;
        WSANETWORKEVENTS happened;
        if (WSAEnumNetworkEvents(connection->socket, NULL, &happened))
            return WSAGetLastError();
        if (happened.lNetworkEvents & FD_CONNECT)
            return happened.iErrorCode[FD_CONNECT_BIT];
    }
}

static Connection *connection_open(BOOL pumps, DWORD first_limit_ms, Answer *answer)
{
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    struct addrinfo *found = NULL;
    Connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        fail(answer, E_OUTOFMEMORY, "FakeBooks: out of memory");
        return NULL;
    }
    connection->socket = INVALID_SOCKET;
    connection->pumps = pumps;
    connection->first_limit_ms = first_limit_ms;
    connection->until = GetTickCount64() + LOST_AFTER_MS;
    connection->changed = CreateEventW(NULL, FALSE, FALSE, NULL);
    int error = connection->changed ? getaddrinfo(client.host, client.port, &wanted, &found) : WSAENOBUFS;
    if (!connection->changed)
        connection->changed = WSA_INVALID_EVENT;
    if (!error) {
        error = WSAEADDRNOTAVAIL;
        for (struct addrinfo *each = found; each && error; each = each->ai_next) {
            if (connection->socket != INVALID_SOCKET)
                closesocket(connection->socket);
            error = connect_to(connection, each);
        }
        freeaddrinfo(found);
    }
    if (error) {
        connection_close(connection);
        fail_transport(answer, RPC_UNAVAILABLE, error);
        return NULL;
    }
    return connection;
}

/* Whether a connection that was kept can be used: something to read before anything was asked means that the server has closed it. */
static BOOL connection_is_fresh(Connection *connection)
{
    char byte;
    if (GetTickCount64() - connection->used_at > IDLE_MS_MAX)
        return FALSE;
    return recv(connection->socket, &byte, 1, MSG_PEEK) == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK;
}

static int send_all(Connection *connection, const Bytes *bytes)
{
    for (size_t sent = 0; sent < bytes->length;) {
        size_t rest = bytes->length - sent;
        int count = send(connection->socket, bytes->data + sent, rest < INT_MAX ? (int)rest : INT_MAX, 0);
        if (count > 0) {
            sent += (size_t)count;
            continue;
        }
        if (WSAGetLastError() != WSAEWOULDBLOCK)
            return WSAGetLastError();
        int waited = connection_wait(connection, SEND_LIMIT_MS);
        if (waited)
            return waited;
    }
    return 0;
}

/* Read some bytes more; returns 0 or an error, and at the end of the stream WSAEDISCON. */
static int receive_more(Connection *connection, Bytes *bytes, DWORD limit_ms)
{
    if (!bytes_reserve(bytes, READ_BYTES))
        return WSAENOBUFS;
    for (;;) {
        size_t room = bytes->capacity - bytes->length;
        int count = recv(connection->socket, bytes->data + bytes->length, room < INT_MAX ? (int)room : INT_MAX, 0);
        if (count > 0) {
            bytes->length += (size_t)count;
            return 0;
        }
        if (count == 0)
            return WSAEDISCON;
        if (WSAGetLastError() != WSAEWOULDBLOCK)
            return WSAGetLastError();
        int waited = connection_wait(connection, limit_ms);
        if (waited)
            return waited;
    }
}

/* ---- one exchange -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    int status;
    BOOL closes;
    BOOL has_length;
    size_t length;
    BOOL has_code;
    HRESULT code;
    Kind kind;
} Head;

static BOOL is_named(const char *line, size_t length, const char *name, const char **value, size_t *value_length)
{
    size_t name_length = strlen(name);
    if (length <= name_length || line[name_length] != ':' || _strnicmp(line, name, name_length))
        return FALSE;
    const char *at = line + name_length + 1, *end = line + length;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *value = at;
    *value_length = (size_t)(end - at);
    return TRUE;
}

static BOOL is_word(const char *value, size_t length, const char *word)
{
    return length == strlen(word) && !_strnicmp(value, word, length);
}

static BOOL read_digits(const char *at, size_t length, int base, size_t most, size_t *number)
{
    *number = 0;
    for (size_t each = 0; each < length; each++) {
        char c = at[each];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
        if (digit >= base || *number > (most - (size_t)digit) / (size_t)base)
            return FALSE;
        *number = *number * (size_t)base + (size_t)digit;
    }
    return length > 0;
}

static Kind kind_of(const char *value, size_t length)
{
    static const char *const names[] = {"none", "text", "integer", "boolean", "list"};
    for (int each = 0; each < 5; each++)
        if (is_word(value, length, names[each]))
            return (Kind)each;
    return KIND_OTHER;
}

static BOOL read_header(Head *head, const char *line, size_t length)
{
    const char *value;
    size_t value_length, number;
    if (is_named(line, length, "Content-Length", &value, &value_length)) {
        if (head->has_length)
            return FALSE;
        head->has_length = TRUE;
        return read_digits(value, value_length, 10, ANSWER_BYTES_MAX, &head->length);
    }
    if (is_named(line, length, "Transfer-Encoding", &value, &value_length))
        return FALSE;
    if (is_named(line, length, "Connection", &value, &value_length))
        head->closes = is_word(value, value_length, "close");
    else if (is_named(line, length, "X-Com-Type", &value, &value_length))
        head->kind = kind_of(value, value_length);
    else if (is_named(line, length, "X-Com-HResult", &value, &value_length)) {
        if (value_length < 3 || value[0] != '0' || !read_digits(value + 2, value_length - 2, 16, 0xFFFFFFFF, &number))
            return FALSE;
        head->has_code = TRUE;
        head->code = (HRESULT)number;
        return FAILED(head->code);
    }
    return TRUE;
}

/* Read the head of an answer, `length` bytes without the empty line at its end. The wire always says how long an answer is. */
static BOOL read_head(Head *head, const char *data, size_t length)
{
    size_t status;
    *head = (Head){.kind = KIND_TEXT};
    if (length < 12 || memcmp(data, "HTTP/1.", 7) || data[8] != ' ' || !read_digits(data + 9, 3, 10, 999, &status))
        return FALSE;
    head->status = (int)status;
    head->closes = data[7] == '0';
    for (const char *line = data, *end = data + length; line < end;) {
        const char *stop = line;
        while (stop + 1 < end && (stop[0] != '\r' || stop[1] != '\n'))
            stop++;
        if (stop + 1 >= end)
            stop = end;
        if (line != data && !read_header(head, line, (size_t)(stop - line)))
            return FALSE;
        line = stop + 2;
    }
    return head->has_length;
}

static const char *find_end_of_head(const Bytes *bytes)
{
    for (size_t at = 0; at + 3 < bytes->length; at++)
        if (!memcmp(bytes->data + at, "\r\n\r\n", 4))
            return bytes->data + at;
    return NULL;
}

/* Read an answer into `bytes`; its body begins at `*begin`. Returns 0 or an error; WSAEINVAL for what is no answer of the wire. */
static int receive_answer(Connection *connection, Bytes *bytes, Head *head, size_t *begin)
{
    const char *end_of_head;
    while (!(end_of_head = find_end_of_head(bytes))) {
        if (bytes->length > HEAD_BYTES_MAX)
            return WSAEINVAL;
        int error = receive_more(connection, bytes, bytes->length ? SILENCE_LIMIT_MS : connection->first_limit_ms);
        if (error)
            return error;
    }
    size_t head_length = (size_t)(end_of_head - bytes->data);
    if (head_length > HEAD_BYTES_MAX || !read_head(head, bytes->data, head_length))
        return WSAEINVAL;
    *begin = head_length + 4;
    /* A long answer gets its memory as it comes: what is announced may never come. */
    if (!bytes_reserve(bytes, head->length < RESERVE_BYTES_MAX ? head->length : RESERVE_BYTES_MAX))
        return WSAENOBUFS;
    while (bytes->length - *begin < head->length) {
        int error = receive_more(connection, bytes, SILENCE_LIMIT_MS);
        if (error)
            return error;
    }
    if (bytes->length - *begin > head->length)
        head->closes = TRUE; /* more than was announced: nothing that comes after can be trusted */
    return 0;
}

/* Send one POST on a connection and read the answer. Returns whether the connection can be kept. */
static BOOL exchange(Connection *connection, const Bytes *target, const Bytes *body, Answer *answer)
{
    Bytes out = {0}, in = {0};
    Head head;
    size_t begin = 0;
    bytes_add_word(&out, "POST ");
    bytes_add(&out, target->data, target->length);
    bytes_add_word(&out, " HTTP/1.1\r\nHost: ");
    bytes_add_word(&out, client.host);
    bytes_add_word(&out, "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ");
    bytes_add_number(&out, body ? (long long)body->length : 0);
    bytes_add_word(&out, "\r\n\r\n");
    if (body)
        bytes_add(&out, body->data, body->length);
    if (out.failed || target->failed) {
        bytes_free(&out);
        fail(answer, E_OUTOFMEMORY, "FakeBooks: out of memory");
        return FALSE;
    }
    int error = send_all(connection, &out);
    bytes_free(&out);
    if (!error)
        error = receive_answer(connection, &in, &head, &begin);
    if (error) {
        fail_transport(answer, in.failed ? E_OUTOFMEMORY : RPC_FAILED, error);
        bytes_free(&in);
        return FALSE;
    }
    if (!head.has_code && head.status != 200) {
        /* A server that refuses a request before it has read it closes, and does not say so. */
        head.closes = TRUE;
        if (head.status == URI_TOO_LONG)
            fail(answer, RPC_FAILED,
                 "FakeBooks: the arguments of a call, but for a document, are too long; together they may have some 60,000 bytes");
        else
            fail_with_number(answer, RPC_FAILED, "FakeBooks answered HTTP ", head.status, "");
    } else {
        memmove(in.data, in.data + begin, head.length);
        in.length = head.length;
        bytes_free(&answer->text);
        *answer = (Answer){head.has_code ? head.code : S_OK, head.kind, in};
        in = (Bytes){0};
    }
    bytes_free(&in);
    connection->used_at = GetTickCount64();
    return !head.closes;
}

/* ---- this process on the wire -------------------------------------------------------------------------------------------------- */

static void post_once(const char *path, const char *name, const char *value, BOOL pumps, Answer *answer)
{
    Bytes target = {0};
    Connection *connection = connection_open(pumps, LOST_AFTER_MS, answer);
    if (!connection)
        return;
    bytes_add_word(&target, path);
    bytes_add_word(&target, "?");
    bytes_add_word(&target, name);
    bytes_add_word(&target, "=");
    bytes_add_word(&target, value);
    exchange(connection, &target, NULL, answer);
    bytes_free(&target);
    connection_close(connection);
}

/* Say again and again that this process lives; end when the wire has forgotten it or is gone. */
static DWORD WINAPI stay_alive(void *name)
{
    ULONGLONG heard_at = GetTickCount64();
    for (;;) {
        Answer answer = {0};
        Sleep(ALIVE_EVERY_MS);
        post_once("/com/alive", "client", name, FALSE, &answer);
        HRESULT code = answer.code;
        bytes_free(&answer.text);
        if (SUCCEEDED(code))
            heard_at = GetTickCount64();
        else if ((code != RPC_FAILED && code != RPC_UNAVAILABLE) || GetTickCount64() - heard_at > LOST_AFTER_MS)
            break;
    }
    AcquireSRWLockExclusive(&client.lock);
    SetEvent(client.lost);
    free(client.name);
    client.name = NULL;
    ReleaseSRWLockExclusive(&client.lock);
    free(name);
    return 0;
}

static char *copied(const char *data, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy) {
        memcpy(copy, data, length);
        copy[length] = 0;
    }
    return copy;
}

/* Whether a name can stand in the target of a call as it is. */
static BOOL is_plain(const char *name, size_t length)
{
    for (size_t at = 0; at < length; at++)
        if (name[at] <= ' ' || name[at] > '~' || strchr("\"\\&#%?+", name[at]))
            return FALSE;
    return length > 0;
}

/* Read http://HOST:PORT[/MACHINE] from the environment. */
static BOOL read_address(void)
{
    DWORD size = GetEnvironmentVariableA("FAKEBOOKS_COM", NULL, 0);
    char *address = size ? malloc(size) : NULL;
    DWORD length = address ? GetEnvironmentVariableA("FAKEBOOKS_COM", address, size) : 0;
    BOOL right = FALSE;
    if (length && length < size && !strncmp(address, "http://", 7)) {
        const char *host = address + 7, *slash = strchr(host, '/');
        const char *end = slash ? slash : address + length, *colon = end;
        while (colon > host && *colon != ':')
            colon--;
        size_t number;
        if (colon > host && read_digits(colon + 1, (size_t)(end - colon) - (colon < end), 10, 65535, &number) && number) {
            const char *machine = slash ? slash + 1 : end;
            size_t machine_length = strlen(machine);
            while (machine_length && machine[machine_length - 1] == '/')
                machine_length--;
            right = is_plain(host, (size_t)(colon - host)) && (!machine_length || is_plain(machine, machine_length));
            if (right) {
                client.port = copied(colon + 1, (size_t)(end - colon - 1));
                client.machine = copied(machine, machine_length);
                client.host = client.port && client.machine ? copied(host, (size_t)(colon - host)) : NULL;
                right = client.host != NULL;
            }
            if (!right)
                free(client.port), free(client.machine), client.port = client.machine = NULL;
        }
    }
    free(address);
    return right;
}

/* Find `"name": ` in the greeting, which is JSON with our own few names at its outermost level and before all others. */
static const char *value_in(const Bytes *greeting, const char *name, size_t *rest)
{
    size_t length = strlen(name);
    for (size_t at = 0; at + length + 3 < greeting->length; at++) {
        const char *here = greeting->data + at;
        if (here[0] != '"' || memcmp(here + 1, name, length) || here[length + 1] != '"')
            continue;
        const char *value = here + length + 2, *end = greeting->data + greeting->length;
        while (value < end && (*value == ' ' || *value == ':'))
            value++;
        *rest = (size_t)(end - value);
        return value;
    }
    return NULL;
}

static BOOL read_greeting(const Bytes *greeting)
{
    size_t rest, length = 0, number;
    const char *value = value_in(greeting, "client", &rest);
    if (!value || rest < 2 || *value != '"')
        return FALSE;
    value++, rest--;
    while (length < rest && value[length] != '"')
        length++;
    if (length == rest || !is_plain(value, length))
        return FALSE;
    client.name = copied(value, length);
    client.body_bytes_max = LLONG_MAX;
    value = value_in(greeting, "body_bytes_max", &rest);
    length = 0;
    while (value && length < rest && value[length] >= '0' && value[length] <= '9')
        length++;
    if (value && read_digits(value, length, 10, INT_MAX, &number))
        client.body_bytes_max = (long long)number;
    return client.name != NULL;
}

static BOOL begin_process(void)
{
    WSADATA about;
    HMODULE module;
    if (client.begun)
        return TRUE;
    /* The thread below runs in this module, so the module stays until the process ends. */
    if (WSAStartup(MAKEWORD(2, 2), &about) || !(client.lost = CreateEventW(NULL, TRUE, FALSE, NULL)))
        return FALSE;
    return client.begun = GetModuleHandleExW(
               GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN, (const WCHAR *)(void *)&begin_process, &module);
}

/* Greet the wire, once per process. Returns a copy of our name on it; NULL, and a failed answer, when there is no wire. */
static char *greeted(Answer *answer)
{
    char *name = NULL;
    AcquireSRWLockExclusive(&client.lock);
    if (!client.name) {
        if (!begin_process()) {
            fail(answer, RPC_UNAVAILABLE, "FakeBooks: there is no network");
        } else if (!client.host && !read_address()) { /* once: calls of other threads use it */
            fail(answer, CO_E_CLASSSTRING,
                 "This is the COM door of FakeBooks, and it does not know where QuickBooks is: the environment variable FAKEBOOKS_COM is not "
                 "like http://127.0.0.1:PORT. Run the program as: fakebooks exec --wine -- PROGRAM");
        } else {
            ResetEvent(client.lost);
            /* No messages are let in here: one could ask for an object, and so for the lock that is held. */
            post_once("/com/hello", "machine", client.machine, FALSE, answer);
            if (SUCCEEDED(answer->code) && !read_greeting(&answer->text))
                fail(answer, RPC_FAILED, "FakeBooks greeted in a form that is not known");
            char *own = client.name ? copied(client.name, strlen(client.name)) : NULL;
            HANDLE thread = own ? CreateThread(NULL, 0, stay_alive, own, 0, NULL) : NULL;
            if (thread) {
                CloseHandle(thread);
            } else { /* nobody would say that we live: the wire would forget us, and we would not know */
                free(own);
                free(client.name);
                client.name = NULL;
            }
        }
    }
    if (client.name)
        name = copied(client.name, strlen(client.name));
    ReleaseSRWLockExclusive(&client.lock);
    if (!name && SUCCEEDED(answer->code))
        fail(answer, E_OUTOFMEMORY, "FakeBooks: out of memory");
    return name;
}

/* ---- objects ------------------------------------------------------------------------------------------------------------------- */

static void add_thread(Bytes *target)
{
    bytes_add_word(target, "&thread=");
    bytes_add_number(target, GetCurrentThreadId());
}

/* Send a call on the object's connection, or on a new one when it has none that can be used. */
static void send_call(Remote *remote, const Bytes *target, const Bytes *body, DWORD first_limit_ms, Answer *answer)
{
    Connection *connection = InterlockedExchangePointer((void **)&remote->idle, NULL);
    if (connection && !connection_is_fresh(connection)) {
        connection_close(connection);
        connection = NULL;
    }
    if (!connection && !(connection = connection_open(TRUE, first_limit_ms, answer)))
        return;
    connection->first_limit_ms = first_limit_ms;
    if (exchange(connection, target, body, answer))
        connection = InterlockedExchangePointer((void **)&remote->idle, connection);
    connection_close(connection);
}

void remote_create(Remote *remote, const char *class_name, Answer *answer)
{
    Bytes target = {0};
    char *name = greeted(answer);
    *remote = (Remote){0};
    if (!name)
        return;
    bytes_add_word(&target, "/com/new?client=");
    bytes_add_word(&target, name);
    bytes_add_word(&target, "&progid=");
    bytes_add_word(&target, class_name);
    add_thread(&target);
    free(name);
    send_call(remote, &target, NULL, INFINITE, answer);
    bytes_free(&target);
    if (FAILED(answer->code))
        return;
    if (!is_plain(answer->text.data, answer->text.length))
        fail(answer, RPC_FAILED, "FakeBooks gave the object no name");
    else if (!(remote->name = copied(answer->text.data, answer->text.length)))
        fail(answer, E_OUTOFMEMORY, "FakeBooks: out of memory");
}

void remote_call(Remote *remote, const char *member, const Bytes *arguments, const Bytes *body, Answer *answer)
{
    Bytes target = {0};
    if (arguments->failed || (body && body->failed)) {
        fail(answer, E_OUTOFMEMORY, "FakeBooks: out of memory");
        return;
    }
    if (body && (long long)body->length > client.body_bytes_max) {
        fail_with_number(answer, NO_MEMORY, "A document may have ", client.body_bytes_max, " bytes here.");
        return;
    }
    bytes_add_word(&target, "/com/");
    bytes_add_word(&target, member);
    bytes_add_word(&target, "?object=");
    bytes_add_word(&target, remote->name);
    add_thread(&target);
    bytes_add(&target, arguments->data, arguments->length);
    send_call(remote, &target, body, INFINITE, answer);
    bytes_free(&target);
}

void remote_release(Remote *remote)
{
    if (remote->name) {
        Bytes target = {0};
        Answer answer = {0};
        bytes_add_word(&target, "/com/release?object=");
        bytes_add_word(&target, remote->name);
        BOOL was_kept = remote->idle != NULL;
        send_call(remote, &target, NULL, RELEASE_LIMIT_MS, &answer);
        /* The server may have closed a kept connection just then. To drop an object twice does no harm; one that is not dropped keeps its
           session for as long as the program lives. */
        if (was_kept && answer.code == RPC_FAILED)
            send_call(remote, &target, NULL, RELEASE_LIMIT_MS, &answer);
        bytes_free(&target);
        bytes_free(&answer.text);
    }
    connection_close(remote->idle);
    free(remote->name);
    *remote = (Remote){0};
}
