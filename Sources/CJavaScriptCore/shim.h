#ifndef GRAPNEL_CJAVASCRIPTCORE_H
#define GRAPNEL_CJAVASCRIPTCORE_H

#include <JavaScriptCore/JavaScript.h>
#include <JavaScriptCore/JSTypedArray.h>
#include <stdbool.h>

// Exported by the library and in none of its public headers: whether code may be made from text (`eval`, `Function`).
extern void JSGlobalContextSetEvalEnabled(JSGlobalContextRef context, bool enabled, JSStringRef message);

#endif
