/* fold: letters that a language writes in two ways. Both sides of a comparison get the
 * same form; nothing here belongs to a profile that stands for a library. */
#ifndef STT_FOLD_H
#define STT_FOLD_H
#include "common/text.h"

/* Typographic apostrophes as U+0027, minus signs and dashes as U+002D, except an en dash
 * between digits, which is a range and stays. cp NULL when out of memory. */
plg_text stt_fold_typography(plg_arena *a, plg_text t);

#endif
