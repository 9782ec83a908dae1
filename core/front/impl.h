/* front/impl.h - what the files of front share: the file system as a main sees it. */
#ifndef ASY_FRONT_IMPL_H
#define ASY_FRONT_IMPL_H
#include "front/front.h"

typedef enum { ASY_FILE_MISSING, ASY_FILE_PLAIN, ASY_FILE_DIR, ASY_FILE_OTHER } asy_file_kind;
/* What a path leads to; one that cannot be looked at (a folder without x) counts as plain,
 * so that opening it says why. */
asy_file_kind asy_front_stat(const char *path);
bool asy_front_is_dir(const char *path);
/* The names in a folder as one text, sorted, "a, b, c", cut to cap; "nothing" when empty. */
void asy_front_list_dir(const char *path, char *out, size_t cap);
/* A plain file into dst without a copy in between; mode is that of what was read. More than
 * cap bytes are E_LIMIT. */
assay_status asy_front_read_secret(const char *path, uint8_t *dst, size_t cap, size_t *len,
								   unsigned *mode, assay_err *err) ASSAY_CHECKED;
#endif
