/* The way to FakeBooks: HTTP on the loopback (what is said there: emulator/com/wire.py). The environment variable FAKEBOOKS_COM has the
   address: http://127.0.0.1:PORT or, to stand on a certain machine of the story, http://127.0.0.1:PORT/MACHINE. */

#ifndef FAKEBOOKS_WIRE_H
#define FAKEBOOKS_WIRE_H

#include "text.h"

typedef enum { KIND_NONE, KIND_TEXT, KIND_INTEGER, KIND_BOOLEAN, KIND_LIST, KIND_OTHER } Kind;

/* What came back: `code` is S_OK and `text` the value, or `code` is a failure and `text` its description. Both are UTF-8. */
typedef struct {
    HRESULT code;
    Kind kind;
    Bytes text;
} Answer;

typedef struct Connection Connection;

/* An object on the wire. It keeps one connection open between calls; while that is in use (COM lets a call in while another waits), a
   further call has a connection of its own. */
typedef struct {
    Connection *idle;
    char *name;
} Remote;

/* Make an object of a class (a progid or a class id). Failures are in the answer. */
void remote_create(Remote *remote, const char *class_name, Answer *answer);

/* Call a member once; it is never sent twice. `arguments` are "&name=value" pairs, encoded already. */
void remote_call(Remote *remote, const char *member, const Bytes *arguments, const Bytes *body, Answer *answer);

/* Drop the object; what fails is passed over. It may be said twice. */
void remote_release(Remote *remote);

#endif
