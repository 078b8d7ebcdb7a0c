#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int grapnel_spawn_zygote(const char *path, char *const environment[], pid_t *process, int *control) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return errno;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) {
        int error = errno;
        close(pair[0]);
        close(pair[1]);
        return error;
    }
    // Between vfork and exec only calls that are safe there: the hub has many threads.
    char *const arguments[] = {(char *)"grapnel-isolate", NULL};
    volatile int failure = 0;
    pid_t child = vfork();
    if (child == 0) {
        if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || (pair[1] == 3 ? fcntl(3, F_SETFD, 0) : dup2(pair[1], 3)) < 0) {
            failure = errno;
            _exit(127);
        }
        syscall(SYS_close_range, 4u, ~0u, 0u);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setsid();
        execve(path, arguments, environment);
        failure = errno;
        _exit(127);
    }
    int error = child < 0 ? errno : failure;
    close(null);
    close(pair[1]);
    if (error != 0) {
        close(pair[0]);
        if (child > 0) waitpid(child, NULL, 0);
        return error;
    }
    *process = child;
    *control = pair[0];
    return 0;
}
