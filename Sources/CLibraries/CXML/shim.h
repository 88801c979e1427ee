#ifndef CXML_SHIM_H
#define CXML_SHIM_H

#include <libxml/xmlversion.h>

// ICU's headers, which libxml2 includes for two pointers, differ from those of Foundation.
#undef LIBXML_ICU_ENABLED

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

#endif
