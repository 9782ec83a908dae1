/* config: typed reads from the canonical configuration text. The host has already
 * validated it against the schema and filled defaults; a default and a range are
 * still given here, so that a tool which passes {} gets the documented behaviour
 * and a host with a bug gets a sentence. */
#ifndef PLG_CONFIG_H
#define PLG_CONFIG_H
#include "common/json.h"

typedef struct {
	plg_json *root;
	bool bad;
	char msg[192]; /* the first problem: "max_tokens: 0 is outside 1..20000" */
} plg_config;

/* Empty text counts as {}. Errors are remembered; see plg_config_end. */
void plg_config_begin(plg_config *c, assay_bytes text);
/* path: keys joined by dots ("limits.max_tokens"). Absent: the default. */
double plg_config_num(plg_config *c, const char *path, double def, double min, double max);
int64_t plg_config_int(plg_config *c, const char *path, int64_t def, int64_t min, int64_t max);
bool plg_config_bool(plg_config *c, const char *path, bool def);
/* Index of the string value among n names. */
size_t plg_config_choice(plg_config *c, const char *path, const char *const *names, size_t n,
						 size_t def);
/* Copies a string of less than cap bytes without NUL into dst; absent: "". */
void plg_config_str(plg_config *c, const char *path, char *dst, size_t cap);
/* Records a problem that the caller found. */
void plg_config_fail(plg_config *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Frees the document. ASSAY_RC_OK, or ASSAY_RC_CONFIG after telling host why. */
assay_rc plg_config_end(plg_config *c, const assay_host_api *host);

#endif
