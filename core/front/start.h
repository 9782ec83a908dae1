/* front/start.h - what a daemon opens at its start. The checks before a start open the same
 * with the same functions, so that what they call good is what the daemon will find. */
#ifndef ASY_FRONT_START_H
#define ASY_FRONT_START_H
#include "front/front.h"
#include "loop/loop.h"
#include "plugin/plugin.h"
#include "round/round.h"

/* log and loop may be NULL; the loop's interruption stops a plugin that hangs. */
assay_status asy_front_open_plugin(const char *config_file, const asy_options *o, asy_logger *log,
								   asy_loop *loop, asy_plugin **out, assay_err *err) ASSAY_CHECKED;
/* *out stays NULL where the plugin makes the challenges. */
assay_status asy_front_load_dataset(const char *config_file, const asy_options *o,
									asy_dataset **out, assay_err *err) ASSAY_CHECKED;
/* Somebody must make the challenges: E_CONFIG where neither does. */
assay_status asy_front_check_source(const asy_plugin *p, const asy_dataset *set,
									assay_err *err) ASSAY_CHECKED;
/* The path of data_dir, with the folders above it made; the store makes the last one. */
assay_status asy_front_make_data_dir(const char *config_file, const asy_options *o, char *out,
									 size_t cap, assay_err *err) ASSAY_CHECKED;
#endif
