#define _GNU_SOURCE
#include "Layers.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The attributes of the newest version of the interface that is used here; Debian's headers have the first field only.
struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scope;
};

int grapnel_restrict_by_landlock(void) {
    const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return errno;
    // What is handled and granted nowhere is denied everywhere. Each version knows more rights
    // (https://docs.kernel.org/userspace-api/landlock.html).
    const int rights = version == 1 ? 13 : version == 2 ? 14 : version < 5 ? 15 : 16;
    const struct ruleset attributes = {
        .files = (1ull << rights) - 1,
        .network = version >= 4 ? 3 : 0,
        .scope = version >= 6 ? 3 : 0,
    };
    const size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0u);
    if (ruleset < 0) return errno;
    const int result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0u);
    const int error = result == 0 ? 0 : errno;
    close(ruleset);
    return error;
}
