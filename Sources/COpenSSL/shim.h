#ifndef GRAPNEL_COPENSSL_H
#define GRAPNEL_COPENSSL_H
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

// Makes every random number that OpenSSL needs come from `fill` (1: done), so that it keeps no generator of its own.
// Old interface, and the only one by which that is one function.
static inline int grapnel_openssl_random(int (*fill)(unsigned char *bytes, int count)) {
    static RAND_METHOD method;
    method.bytes = fill;
    method.pseudorand = fill;
    return RAND_set_rand_method(&method);
}
#endif
