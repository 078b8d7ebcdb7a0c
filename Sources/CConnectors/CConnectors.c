#include "CConnectors.h"

#include "files.inc"

const grapnel_connector_file *grapnel_connector_files(size_t *count) {
    *count = sizeof(files) / sizeof(files[0]);
    return files;
}
