// What code that has taken over an isolate would try.
#ifndef GRAPNEL_ATTEMPTS_H
#define GRAPNEL_ATTEMPTS_H

#include <stddef.h>
#include <sys/types.h>

/// What attempts aim at, outside the sandbox.
struct target {
    /// The process that forked the isolate, by its number outside.
    pid_t parent;
    /// A file that the tests can read.
    const char *file;
    /// A TCP port of the loopback that is listened at.
    int port;
    /// An abstract Unix socket that is listened at.
    const char *abstract_socket;
    /// The key of a System V segment that exists.
    int segment;
};

struct attempt {
    const char *name;
    /// Tries; 0 when it got out, else the error number that stopped it.
    int (*run)(const struct target *target);
    /// Whether it is only forbidden where nothing may be compiled.
    int without_jit_only;
};

extern const struct attempt attempts[];
extern const size_t attempts_count;

#endif
