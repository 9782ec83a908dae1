/* settings: the configuration of an instance, as text.schema.json describes it. */
#ifndef TXT_SETTINGS_H
#define TXT_SETTINGS_H
#include "text/score.h"

/* host (may be NULL) is told what is wrong. The three come in as zeros; txt_settings_free
 * releases what they own, also after a failure. */
assay_rc txt_settings_read(assay_bytes config, const assay_host_api *host, txt_settings *s,
						   txt_tools *tools, plg_relative *relative);
void txt_settings_free(txt_settings *s, txt_tools *tools);

#endif
