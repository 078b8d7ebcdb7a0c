#include "CPrelude.h"

const unsigned char grapnel_prelude[] = {
#embed "prelude.js"
    , 0};

const size_t grapnel_prelude_length = sizeof(grapnel_prelude) - 1;
