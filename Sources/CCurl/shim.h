#ifndef GRAPNEL_CCURL_H
#define GRAPNEL_CCURL_H

// libcurl's setters and getters are variadic, which Swift cannot call: one inline function for each type of argument.

#include <curl/curl.h>

static inline CURLcode grapnel_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode grapnel_curl_set_large(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode grapnel_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode grapnel_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*grapnel_curl_write_function)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode grapnel_curl_set_write(CURL *handle, CURLoption option, grapnel_curl_write_function function) {
    return curl_easy_setopt(handle, option, function);
}

typedef curl_socket_t (*grapnel_curl_open_function)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode grapnel_curl_set_open_socket(CURL *handle, grapnel_curl_open_function function) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, function);
}

static inline CURLcode grapnel_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode grapnel_curl_get_large(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode grapnel_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode grapnel_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

#endif
