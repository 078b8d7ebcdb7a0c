#ifndef GRAPNEL_CCURL_H
#define GRAPNEL_CCURL_H

#include <curl/curl.h>
#include <pthread.h>
#include <sys/eventfd.h>

// The setters and getters of libcurl are variadic, which Swift cannot call: one wrapper for each kind of value.

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

typedef int (*grapnel_curl_prerequest_function)(
    void *context, char *primary_address, char *local_address, int primary_port, int local_port);

static inline CURLcode grapnel_curl_set_prerequest(CURL *handle, grapnel_curl_prerequest_function function) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, function);
}

static inline CURLcode grapnel_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode grapnel_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

// The result of a finished transfer, out of the union of CURLMsg.
static inline CURLcode grapnel_curl_result(const CURLMsg *message) {
    return message->data.result;
}

static inline curl_socket_t grapnel_curl_bad_socket(void) {
    return CURL_SOCKET_BAD;
}

// A descriptor by which another thread wakes the one that polls; write and read 8 bytes.
static inline int grapnel_curl_wakeup(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

static inline void grapnel_curl_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

#endif
