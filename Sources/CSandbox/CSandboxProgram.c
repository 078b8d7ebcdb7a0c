#define _GNU_SOURCE
#include "CSandboxProgram.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int limit(int resource, uint64_t most) {
    struct rlimit now;
    if (getrlimit(resource, &now) != 0) return -1;
    if (most < now.rlim_max) now.rlim_max = most;
    now.rlim_cur = now.rlim_max;
    return setrlimit(resource, &now);
}

/// Between vfork and exec: only calls that are safe there, because the hub has many threads. An error number.
static int become(const grapnel_program *program, const int ends[3]) {
    // The ends stand above the three, so that none is overwritten before it is used.
    for (int target = 0; target < 3; target++) {
        if (dup2(ends[target], target) < 0) return errno;
    }
    for (int index = 0; index < 2; index++) {
        if (program->groups[index] >= 0 && write(program->groups[index], "0", 1) != 1) return errno;
    }
    syscall(SYS_close_range, 3u, ~0u, 0u);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    umask(022);
    if (program->cpu_seconds > 0 && limit(RLIMIT_CPU, program->cpu_seconds) != 0) return errno;
    if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_DATA, program->data) != 0 ||
        limit(RLIMIT_NOFILE, program->files) != 0 || limit(RLIMIT_FSIZE, program->file_size) != 0) {
        return errno;
    }
    if (chdir(program->folder) != 0) return errno;
    execve(program->path, program->arguments, program->environment);
    return errno;
}

static void close_all(const int *descriptors, int count) {
    for (int index = 0; index < count; index++) {
        if (descriptors[index] >= 0) close(descriptors[index]);
    }
}

/// A copy of a descriptor above the standard ones; the original is closed.
static int above_standard(int descriptor) {
    if (descriptor > 2) return descriptor;
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    close(descriptor);
    return copy;
}

/// Whether so many descriptors above this one, which was the lowest, are free. It takes none of them: somebody else may
/// need one just then.
static bool has_spare(int lowest, uint64_t spare) {
    struct rlimit now;
    if (getrlimit(RLIMIT_NOFILE, &now) != 0) return true;
    for (rlim_t number = (rlim_t)lowest + 1; spare > 0; number++) {
        if (number >= now.rlim_cur) return false;
        if (fcntl((int)number, F_GETFD) < 0) spare--;
    }
    return true;
}

int grapnel_start_program(const grapnel_program *program, grapnel_started *started) {
    int pipes[6] = {-1, -1, -1, -1, -1, -1};
    if (pipe2(pipes, O_CLOEXEC) != 0) return errno;
    // The first tells where the free ones begin; the four of the others are to leave enough of them.
    int error = has_spare(pipes[1], program->spare + 4) ? 0 : EMFILE;
    for (int index = 1; error == 0 && index < 3; index++) {
        if (pipe2(pipes + 2 * index, O_CLOEXEC) != 0) error = errno;
    }
    if (error != 0) {
        close_all(pipes, 6);
        return error;
    }
    for (int index = 0; index < 6; index++) pipes[index] = above_standard(pipes[index]);
    const int ends[3] = {pipes[0], pipes[3], pipes[5]};
    volatile int failure = 0;
    pid_t child = vfork();
    if (child == 0) {
        failure = become(program, ends);
        _exit(127);
    }
    error = child < 0 ? errno : failure;
    close_all(ends, 3);
    const int own[3] = {pipes[1], pipes[2], pipes[4]};
    if (error != 0) {
        close_all(own, 3);
        if (child > 0) waitpid(child, NULL, 0);
        return error;
    }
    for (int index = 0; index < 3; index++) fcntl(own[index], F_SETFL, O_NONBLOCK);
    started->process = child;
    started->input = own[0];
    started->output = own[1];
    started->errors = own[2];
    started->ended = (int)syscall(SYS_pidfd_open, child, 0u);
    return 0;
}

bool grapnel_has_ended(pid_t process, int *status) {
    siginfo_t information = {0};
    if (waitid(P_PID, (id_t)process, &information, WEXITED | WNOHANG | WNOWAIT) != 0 || information.si_pid == 0) {
        return false;
    }
    *status = information.si_code == CLD_EXITED ? information.si_status << 8 : information.si_status;
    return true;
}

uint32_t grapnel_wait(const int *descriptors, int count, int writable, int milliseconds) {
    struct pollfd waiting[9];
    int most = count < 8 ? count : 8;
    for (int index = 0; index < most; index++) {
        waiting[index] = (struct pollfd){.fd = descriptors[index], .events = POLLIN};
    }
    waiting[most] = (struct pollfd){.fd = writable, .events = POLLOUT};
    if (poll(waiting, (nfds_t)most + 1, milliseconds) <= 0) return 0;
    uint32_t ready = 0;
    for (int index = 0; index < most; index++) {
        if (waiting[index].revents != 0) ready |= 1u << index;
    }
    if (waiting[most].revents != 0) ready |= 1u << 31;
    return ready;
}

void grapnel_block_signals(void) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}
