#ifndef GRAPNEL_CJAVASCRIPTCORE_H
#define GRAPNEL_CJAVASCRIPTCORE_H
#include <JavaScriptCore/JavaScript.h>
#endif
