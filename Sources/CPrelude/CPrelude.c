#include "CPrelude.h"
