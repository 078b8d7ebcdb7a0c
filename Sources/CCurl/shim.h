#ifndef GRAPNEL_CCURL_H
#define GRAPNEL_CCURL_H

#include <curl/curl.h>
#include <pthread.h>

// The setters and getters of libcurl are variadic, which Swift cannot call: one wrapper for each kind of value.

static inline CURLcode grapnel_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode grapnel_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode grapnel_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode grapnel_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode grapnel_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*grapnel_curl_sink)(char *bytes, size_t size, size_t count, void *context);
typedef curl_socket_t (*grapnel_curl_socket)(void *context, curlsocktype purpose, struct curl_sockaddr *address);
typedef int (*grapnel_curl_prerequest)(
    void *context, char *primary_address, char *local_address, int primary_port, int local_port);

static inline CURLcode grapnel_curl_set_sink(CURL *handle, CURLoption option, grapnel_curl_sink sink) {
    return curl_easy_setopt(handle, option, sink);
}

static inline CURLcode grapnel_curl_set_opensocket(CURL *handle, grapnel_curl_socket callback) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode grapnel_curl_set_prerequest(CURL *handle, grapnel_curl_prerequest callback) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, callback);
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

static inline void grapnel_curl_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

#endif
