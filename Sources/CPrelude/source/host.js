// The functions of the native host, taken before anything else can see them:
//   post(kind, id, text, bytes)  writes a frame
//   random(count)                bytes of the operating system
//   milliseconds()               of a clock that never steps back
//   encode(text), decode(bytes)  UTF-8
//   parse(bytes)                 JSON text in UTF-8 to a value; throws SyntaxError
//   digest(name, bytes)          of MD5, SHA-1, SHA-256, SHA-384, SHA-512; undefined for another name
//   hmac(name, key, bytes)       of the same hashes
//   equal(a, b)                  in a time that depends on the lengths alone
//   generateKey(kind, bits, exponent)                    a PrivateKeyInfo, of Ed25519, P-256, P-384, P-521 or RSA
//   readKey(kind, form, bytes)                           a key written anew; form is pkcs8, spki, or public for the
//                                                        public half of a PrivateKeyInfo; undefined when it is none
//   sign(scheme, hash, kind, saltLength, key, data)      key is a PrivateKeyInfo
//   verify(scheme, hash, kind, saltLength, key, signature, data)    key is a SubjectPublicKeyInfo
//   seal(key, iv, associated, tagLength, data)           AES-GCM, with the tag after the bytes
//   open(key, iv, associated, tagLength, sealed)         undefined when the tag is not theirs
export const host = globalThis.__host
delete globalThis.__host

// Kinds of frames from an isolate; the list is in docs/isolate-protocol.md.
export const Kind = {
  loaded: 17, failed: 18, call: 20, fetch: 21, keyValue: 22, send: 24, log: 25, result: 26, reply: 27,
}
