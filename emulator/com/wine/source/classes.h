/* What the module has: classes, interfaces, type libraries. Class ids, interface ids: the type libraries of the request processor. */

#ifndef FAKEBOOKS_CLASSES_H
#define FAKEBOOKS_CLASSES_H

#include <windows.h>

typedef struct {
    GUID id;
    const WCHAR *name, *version;
    int resource; /* of the module */
} Library;

typedef struct {
    GUID id;
    const WCHAR *name;
    int types; /* which of the libraries describes it */
} Interface;

typedef struct {
    GUID id;
    const WCHAR *name;
    const WCHAR *progid;  /* NULL: no progid of its own */
    const WCHAR *current; /* the progid without a version, when this is the class it means */
    const char *wire_name;
    int default_interface;
} Class;

enum { LIBRARY_2, LIBRARY_OLD, LIBRARIES };
enum { PROCESSOR_1, PROCESSOR_2, PROCESSOR_3, PROCESSOR_4, PROCESSOR_5, PREFERENCES, PREFERENCES_2, INTERFACES };
enum { CLASS_1, CLASS_2, CLASS_OLD, CLASSES };

extern const Library libraries[LIBRARIES];
extern const Interface interfaces[INTERFACES];
extern const Class classes[CLASSES];

extern HMODULE module;
extern LONG objects; /* that programs hold: the module must not be unloaded under them */

/* Return the path of this module on the heap, NULL when memory runs out. */
WCHAR *module_path(void);

HRESULT processor_create(const Class *of, REFIID wanted, void **made);

HRESULT register_all(HKEY root);
void unregister_all(HKEY root);

#endif
