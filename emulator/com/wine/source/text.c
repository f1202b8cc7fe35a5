#include "text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <oleauto.h>

BOOL bytes_reserve(Bytes *bytes, size_t more)
{
    if (bytes->failed || more > SIZE_MAX / 2 - bytes->length) {
        bytes->failed = TRUE;
        return FALSE;
    }
    size_t needed = bytes->length + more;
    if (needed <= bytes->capacity)
        return TRUE;
    size_t capacity = bytes->capacity * 2 > needed ? bytes->capacity * 2 : needed;
    char *grown = realloc(bytes->data, capacity);
    if (!grown && capacity > needed)
        grown = realloc(bytes->data, capacity = needed);
    if (!grown) {
        bytes->failed = TRUE;
        return FALSE;
    }
    bytes->data = grown;
    bytes->capacity = capacity;
    return TRUE;
}

void bytes_add(Bytes *bytes, const void *data, size_t length)
{
    if (!length || !bytes_reserve(bytes, length))
        return;
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

void bytes_add_word(Bytes *bytes, const char *word)
{
    bytes_add(bytes, word, strlen(word));
}

void bytes_add_number(Bytes *bytes, long long number)
{
    char digits[21]; /* the longest 64-bit number has 20 characters */
    char *at = digits + sizeof digits;
    unsigned long long rest = number < 0 ? 0ULL - (unsigned long long)number : (unsigned long long)number;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--at = '-';
    bytes_add(bytes, at, (size_t)(digits + sizeof digits - at));
}

void bytes_free(Bytes *bytes)
{
    free(bytes->data);
    *bytes = (Bytes){0};
}

static BOOL is_high(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
static BOOL is_low(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/* Write the character at `units[*at]` as UTF-8, step behind it, return how many bytes it has. */
static size_t next_as_utf8(const WCHAR *units, size_t count, size_t *at, unsigned char out[4])
{
    unsigned long character = units[(*at)++];
    if (is_high(character) && *at < count && is_low(units[*at]))
        character = 0x10000 + ((character - 0xD800) << 10) + (units[(*at)++] - 0xDC00u);
    if (character < 0x80) {
        out[0] = (unsigned char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (unsigned char)(0xC0 | character >> 6);
        out[1] = (unsigned char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (unsigned char)(0xE0 | character >> 12);
        out[1] = (unsigned char)(0x80 | (character >> 6 & 0x3F));
        out[2] = (unsigned char)(0x80 | (character & 0x3F));
        return 3;
    }
    out[0] = (unsigned char)(0xF0 | character >> 18);
    out[1] = (unsigned char)(0x80 | (character >> 12 & 0x3F));
    out[2] = (unsigned char)(0x80 | (character >> 6 & 0x3F));
    out[3] = (unsigned char)(0x80 | (character & 0x3F));
    return 4;
}

void bytes_add_text(Bytes *bytes, BSTR text)
{
    size_t count = SysStringLen(text);
    bytes_reserve(bytes, count); /* most documents are ASCII */
    for (size_t at = 0; at < count && !bytes->failed;) {
        unsigned char encoded[4];
        size_t length = next_as_utf8(text, count, &at, encoded);
        bytes_add(bytes, encoded, length);
    }
}

void bytes_add_escaped(Bytes *bytes, BSTR text)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    size_t count = SysStringLen(text);
    for (size_t at = 0; at < count && !bytes->failed;) {
        unsigned char encoded[4];
        size_t length = next_as_utf8(text, count, &at, encoded);
        for (size_t each = 0; each < length; each++) {
            unsigned char byte = encoded[each];
            if (byte && strchr(plain, byte))
                bytes_add(bytes, &byte, 1);
            else
                bytes_add(bytes, (char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
        }
    }
}

/* Read one character of UTF-8 and step behind it; FALSE when there is none. Longer forms than needed are refused; surrogates are not, since
   a COM text may hold one. */
static BOOL next_from_utf8(const unsigned char **at, const unsigned char *end, unsigned long *character)
{
    static const unsigned long least[] = {0, 0x80, 0x800, 0x10000};
    unsigned char first = *(*at)++;
    int more = first < 0x80 ? 0 : (first & 0xE0) == 0xC0 ? 1 : (first & 0xF0) == 0xE0 ? 2 : (first & 0xF8) == 0xF0 ? 3 : -1;
    if (more < 0 || end - *at < more)
        return FALSE;
    unsigned long value = more ? first & (0x3Fu >> more) : first;
    for (int each = 0; each < more; each++) {
        unsigned char byte = *(*at)++;
        if ((byte & 0xC0) != 0x80)
            return FALSE;
        value = value << 6 | (byte & 0x3F);
    }
    *character = value;
    return value >= least[more] && value <= 0x10FFFF;
}

HRESULT text_from_utf8(const char *data, size_t length, BSTR *text)
{
    const unsigned char *begin = (const unsigned char *)data, *end = begin + length;
    unsigned long character;
    size_t count = 0;
    *text = NULL;
    for (const unsigned char *at = begin; at < end;) {
        if (!next_from_utf8(&at, end, &character))
            return E_INVALIDARG;
        count += character < 0x10000 ? 1 : 2;
    }
    if (count > INT_MAX / sizeof(WCHAR))
        return E_OUTOFMEMORY;
    BSTR made = SysAllocStringLen(NULL, (UINT)count);
    if (!made)
        return E_OUTOFMEMORY;
    WCHAR *out = made;
    for (const unsigned char *at = begin; at < end;) {
        next_from_utf8(&at, end, &character);
        if (character < 0x10000) {
            *out++ = (WCHAR)character;
        } else {
            *out++ = (WCHAR)(0xD800 + ((character - 0x10000) >> 10));
            *out++ = (WCHAR)(0xDC00 + ((character - 0x10000) & 0x3FF));
        }
    }
    *text = made;
    return S_OK;
}
