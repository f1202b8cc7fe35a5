/* Bytes that grow, and text between COM (UTF-16) and the wire (UTF-8). */

#ifndef FAKEBOOKS_TEXT_H
#define FAKEBOOKS_TEXT_H

#include <stddef.h>
#include <windows.h>

/* Bytes on the heap. When memory runs out `failed` is set and stays set: the one who uses the bytes asks once, at the end. */
typedef struct {
    char *data;
    size_t length;
    size_t capacity;
    BOOL failed;
} Bytes;

BOOL bytes_reserve(Bytes *bytes, size_t more);
void bytes_add(Bytes *bytes, const void *data, size_t length);
void bytes_add_word(Bytes *bytes, const char *word);
void bytes_add_number(Bytes *bytes, long long number);
void bytes_free(Bytes *bytes);

/* Add a COM text as UTF-8. A NULL BSTR is an empty text; a surrogate without its other half is written as if it were a character. */
void bytes_add_text(Bytes *bytes, BSTR text);

/* Add a COM text as a value in a query: UTF-8, percent-encoded. */
void bytes_add_escaped(Bytes *bytes, BSTR text);

/* Return UTF-8 as a new COM text. S_OK, E_OUTOFMEMORY, or E_INVALIDARG when it is not UTF-8. */
HRESULT text_from_utf8(const char *data, size_t length, BSTR *text);

#endif
