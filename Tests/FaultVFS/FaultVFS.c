#include "FaultVFS.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct folder {
    char *path;
    struct fault_disk disk;
    struct folder *next;
};

/// A watched file; the file of the VFS below lies behind it.
struct fault_file {
    sqlite3_file base;
    struct fault_disk disk;
    char *path;
    bool syncs_folder;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct folder *folders;
static sqlite3_vfs *below;
static sqlite3_vfs vfs;

/// Whether `path` lies in a watched folder, and in which.
static bool find(const char *path, struct fault_disk *disk) {
    bool found = false;
    pthread_mutex_lock(&lock);
    for (struct folder *each = folders; each && !found; each = each->next) {
        size_t length = strlen(each->path);
        found = path && strncmp(path, each->path, length) == 0 && path[length] == '/';
        if (found) *disk = each->disk;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

// MARK: Files

static struct fault_file *own(sqlite3_file *file) { return (struct fault_file *)file; }

static sqlite3_file *behind(sqlite3_file *file) { return (sqlite3_file *)(own(file) + 1); }

static const sqlite3_io_methods *methods(sqlite3_file *file) { return behind(file)->pMethods; }

static int fault_close(sqlite3_file *file) {
    int code = methods(file)->xClose(behind(file));
    free(own(file)->path);
    own(file)->path = NULL;
    return code;
}

static int fault_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    struct fault_disk disk = own(file)->disk;
    struct fault_request request = {
        .call = FAULT_READ, .path = own(file)->path, .count = count, .offset = offset};
    struct fault_verdict verdict = disk.decide(disk.context, &request);
    return verdict.code ? verdict.code : methods(file)->xRead(behind(file), bytes, count, offset);
}

static int fault_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct fault_disk disk = own(file)->disk;
    struct fault_request request = {
        .call = FAULT_WRITE, .path = own(file)->path, .bytes = bytes, .count = count, .offset = offset};
    struct fault_verdict verdict = disk.decide(disk.context, &request);
    if (verdict.code) request.count = verdict.count;
    if (request.count == 0) return verdict.code;
    int code = methods(file)->xWrite(behind(file), bytes, (int)request.count, offset);
    if (code == SQLITE_OK) disk.made(disk.context, &request);
    return verdict.code ? verdict.code : code;
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size) {
    struct fault_disk disk = own(file)->disk;
    struct fault_request request = {.call = FAULT_TRUNCATE, .path = own(file)->path, .offset = size};
    struct fault_verdict verdict = disk.decide(disk.context, &request);
    if (verdict.code) return verdict.code;
    int code = methods(file)->xTruncate(behind(file), size);
    if (code == SQLITE_OK) disk.made(disk.context, &request);
    return code;
}

static int fault_sync(sqlite3_file *file, int flags) {
    struct fault_disk disk = own(file)->disk;
    struct fault_request request = {
        .call = FAULT_SYNC, .path = own(file)->path, .syncs_folder = own(file)->syncs_folder};
    struct fault_verdict verdict = disk.decide(disk.context, &request);
    if (verdict.code) return verdict.code;
    int code = methods(file)->xSync(behind(file), flags);
    if (code == SQLITE_OK) {
        own(file)->syncs_folder = false;
        disk.made(disk.context, &request);
    }
    return code;
}

static int fault_file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return methods(file)->xFileSize(behind(file), size);
}

static int fault_lock(sqlite3_file *file, int level) { return methods(file)->xLock(behind(file), level); }

static int fault_unlock(sqlite3_file *file, int level) { return methods(file)->xUnlock(behind(file), level); }

static int fault_check_reserved_lock(sqlite3_file *file, int *result) {
    return methods(file)->xCheckReservedLock(behind(file), result);
}

static int fault_file_control(sqlite3_file *file, int operation, void *argument) {
    char **pragma = argument;
    if (operation == SQLITE_FCNTL_PRAGMA && own(file)->disk.forgets_full
        && sqlite3_stricmp(pragma[1], "synchronous") == 0) {
        if (!pragma[2]) pragma[0] = sqlite3_mprintf("2");
        if (!pragma[2] || sqlite3_stricmp(pragma[2], "FULL") == 0) return SQLITE_OK;
    }
    return methods(file)->xFileControl(behind(file), operation, argument);
}

static int fault_sector_size(sqlite3_file *file) { return methods(file)->xSectorSize(behind(file)); }

static int fault_device_characteristics(sqlite3_file *file) {
    return methods(file)->xDeviceCharacteristics(behind(file));
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **address) {
    return methods(file)->xShmMap(behind(file), page, size, extend, address);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return methods(file)->xShmLock(behind(file), offset, count, flags);
}

static void fault_shm_barrier(sqlite3_file *file) { methods(file)->xShmBarrier(behind(file)); }

static int fault_shm_unmap(sqlite3_file *file, int deletes) { return methods(file)->xShmUnmap(behind(file), deletes); }

/// Version 2 has no memory mapping of the database: everything passes through the calls above.
static const sqlite3_io_methods watched = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_file_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_reserved_lock,
    .xFileControl = fault_file_control,
    .xSectorSize = fault_sector_size,
    .xDeviceCharacteristics = fault_device_characteristics,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

// MARK: The file system

static int fault_open(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *given) {
    (void)self;
    int kinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    struct fault_disk disk;
    // What is not watched is opened as if this VFS were not there.
    if (!(flags & kinds) || !find(path, &disk)) return below->xOpen(below, path, file, flags, given);

    struct fault_file *opened = own(file);
    memset(opened, 0, sizeof *opened);
    struct fault_request request = {.call = FAULT_OPEN, .path = path, .is_new = access(path, F_OK) != 0};
    struct fault_verdict verdict = disk.decide(disk.context, &request);
    if (verdict.code) return verdict.code;
    int code = below->xOpen(below, path, behind(file), flags, given);
    if (code != SQLITE_OK) {
        if (methods(file)) methods(file)->xClose(behind(file));
        return code;
    }
    opened->disk = disk;
    opened->path = strdup(path);
    // So does the VFS below: the first sync of a log or journal makes its name last (os_unix.c, UNIXFILE_DIRSYNC).
    opened->syncs_folder = (flags & SQLITE_OPEN_CREATE) && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));
    opened->base.pMethods = &watched;
    disk.made(disk.context, &request);
    return SQLITE_OK;
}

static int fault_delete(sqlite3_vfs *self, const char *path, int syncs) {
    (void)self;
    struct fault_disk disk;
    if (!find(path, &disk)) return below->xDelete(below, path, syncs);
    struct fault_request request = {.call = FAULT_DELETE, .path = path, .syncs_folder = syncs & 1};
    struct fault_verdict verdict = disk.decide(disk.context, &request);
    if (verdict.code) return verdict.code;
    int code = below->xDelete(below, path, syncs);
    if (code == SQLITE_OK) disk.made(disk.context, &request);
    return code;
}

static int fault_access(sqlite3_vfs *self, const char *path, int flags, int *result) {
    (void)self;
    return below->xAccess(below, path, flags, result);
}

static int fault_full_path(sqlite3_vfs *self, const char *path, int size, char *full) {
    (void)self;
    return below->xFullPathname(below, path, size, full);
}

static int fault_randomness(sqlite3_vfs *self, int count, char *bytes) {
    (void)self;
    return below->xRandomness(below, count, bytes);
}

static int fault_sleep(sqlite3_vfs *self, int microseconds) {
    (void)self;
    return below->xSleep(below, microseconds);
}

static int fault_time(sqlite3_vfs *self, double *time) {
    (void)self;
    return below->xCurrentTime(below, time);
}

static int fault_last_error(sqlite3_vfs *self, int size, char *text) {
    (void)self;
    return below->xGetLastError(below, size, text);
}

static int fault_time_64(sqlite3_vfs *self, sqlite3_int64 *time) {
    (void)self;
    return below->xCurrentTimeInt64(below, time);
}

static void install(void) {
    sqlite3_initialize();
    below = sqlite3_vfs_find(NULL);
    vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct fault_file) + below->szOsFile,
        .mxPathname = below->mxPathname,
        .zName = "fault",
        .xOpen = fault_open,
        .xDelete = fault_delete,
        .xAccess = fault_access,
        .xFullPathname = fault_full_path,
        .xRandomness = fault_randomness,
        .xSleep = fault_sleep,
        .xCurrentTime = fault_time,
        .xGetLastError = fault_last_error,
        .xCurrentTimeInt64 = fault_time_64,
    };
    sqlite3_vfs_register(&vfs, 1);
}

void fault_vfs_attach(const char *path, struct fault_disk disk) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    struct folder *folder = malloc(sizeof *folder);
    *folder = (struct folder){.path = realpath(path, NULL), .disk = disk};
    pthread_mutex_lock(&lock);
    folder->next = folders;
    folders = folder;
    pthread_mutex_unlock(&lock);
}

void fault_vfs_detach(const char *path) {
    char *full = realpath(path, NULL);
    pthread_mutex_lock(&lock);
    for (struct folder **each = &folders; full && *each; each = &(*each)->next) {
        if (strcmp((*each)->path, full) != 0) continue;
        struct folder *gone = *each;
        *each = gone->next;
        free(gone->path);
        free(gone);
        break;
    }
    pthread_mutex_unlock(&lock);
    free(full);
}
