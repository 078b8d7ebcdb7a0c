#ifndef GRAPNEL_CCURL_H
#define GRAPNEL_CCURL_H
#include <curl/curl.h>
#endif
