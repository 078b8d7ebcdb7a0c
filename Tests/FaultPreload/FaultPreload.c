#define _GNU_SOURCE
#include "FaultPreload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/// What the control file says now.
static char control(void) {
    const char *path = getenv(FAULT_PRELOAD_CONTROL);
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    char word = 0;
    if (file < 0) return 0;
    if (read(file, &word, 1) != 1) word = 0;
    close(file);
    return word;
}

/// Whether `file` is a database or its log.
static int is_database(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 4) return 0;
    path[length] = 0;
    return strcmp(path + length - 3, ".db") == 0 || strcmp(path + length - 4, "-wal") == 0;
}

/// The error that a write of `file` ends in; 0 lets it through.
static int refusal(int file) {
    switch (control()) {
    case 'f': return is_database(file) ? ENOSPC : 0;
    case 'r': return is_database(file) ? EROFS : 0;
    default: return 0;
    }
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    int code = refusal(file);
    if (code == 0) return syscall(SYS_pwrite64, file, bytes, count, offset);
    errno = code;
    return -1;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) { return pwrite64(file, bytes, count, offset); }

int fdatasync(int file) {
    if (control() != 's' || !is_database(file)) return (int)syscall(SYS_fdatasync, file);
    errno = EIO;
    return -1;
}

static int is_directory(int file) {
    struct stat status;
    return fstat(file, &status) == 0 && S_ISDIR(status.st_mode);
}

int fsync(int file) {
    char word = control();
    int fails = word == 's' ? is_database(file) : word == 'd' && is_directory(file);
    if (!fails) return (int)syscall(SYS_fsync, file);
    errno = EIO;
    return -1;
}
