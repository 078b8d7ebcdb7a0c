#define _GNU_SOURCE
#include "Layers.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static scmp_filter_ctx filter;
bool grapnel_allows_code;

/// What JavaScriptCore uses after its warm-up, and no more; found by tracing, and to be traced again with each new
/// version of the engine.
static const int allowed[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(munmap),
    SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(sched_yield),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigsuspend), SCMP_SYS(sigaltstack), SCMP_SYS(poll),
    SCMP_SYS(ppoll), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sched_getaffinity), SCMP_SYS(restart_syscall),
    SCMP_SYS(sysinfo), SCMP_SYS(rseq), SCMP_SYS(set_robust_list), SCMP_SYS(pread64), SCMP_SYS(lseek),
    SCMP_SYS(getrusage),
    // Arms the timer for the next run. Code that has taken over the process could arm it later; the hub's own wall
    // deadline bounds that.
    SCMP_SYS(timer_settime),
};

/// Refused politely, because the C library and the engine ask and can live without.
static const int refused[] = {
    SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(access),
    SCMP_SYS(prctl), SCMP_SYS(sched_setscheduler), SCMP_SYS(setpriority), SCMP_SYS(fstat), SCMP_SYS(prlimit64),
    SCMP_SYS(getdents64), SCMP_SYS(statfs), SCMP_SYS(uname), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
};

/// The handlers that end the process stay: that of a forbidden system call, and that of used up processor time.
static int keep_handlers(void) {
    int error = seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1, SCMP_A0(SCMP_CMP_LT, SIGXCPU));
    for (int number = SIGXCPU + 1; number < SIGSYS; number++) {
        error |= seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)number));
    }
    return error;
}

/// The compiler of WebAssembly has threads of its own.
static int allow_threads(void) {
    const scmp_datum_t thread = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND;
    const scmp_datum_t namespaces =
        CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    int error = seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, thread | namespaces, thread));
    // Its flags are in memory, where a filter cannot look: the C library falls back to the call above.
    error |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    error |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(eventfd2), 0);
    error |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 0);
    return error;
}

int grapnel_build_filter(bool allows_jit, bool allows_threads) {
    grapnel_allows_code = allows_jit;
    // A forbidden call is not made; the handler of the signal names it and ends the process.
    filter = seccomp_init(SCMP_ACT_TRAP);
    if (!filter) return ENOMEM;
    int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    for (size_t index = 0; index < sizeof(allowed) / sizeof(allowed[0]); index++) {
        error |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[index], 0);
    }
    for (size_t index = 0; index < sizeof(refused) / sizeof(refused[0]); index++) {
        error |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOENT), refused[index], 0);
    }
    error |= keep_handlers();
    if (allows_threads) error |= allow_threads();
    if (allows_jit) {
        error |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 0);
        error |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 0);
    } else {
        // No page that can be written becomes executable, and none that cannot.
        error |= seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
        error |= seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }
    return error == 0 ? 0 : EINVAL;
}

int grapnel_load_filter(void) {
    if (!filter) return ENOSYS;
    return -seccomp_load(filter);
}

bool grapnel_name_of_call(int number, char *name, size_t capacity) {
    char *found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    if (!found) return false;
    strncpy(name, found, capacity - 1);
    name[capacity - 1] = 0;
    free(found);
    return true;
}
