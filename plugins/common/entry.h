/* entry: the one symbol that a plugin exports, and the tables behind it. */
#ifndef PLG_ENTRY_H
#define PLG_ENTRY_H
#include "assay/plugin.h"

/* Stands alone at the end of the plugin's file. INFO is a static const assay_plugin_info;
 * OPEN, CLOSE and SCORE are the functions of the contract. */
#define PLG_ENTRY(INFO, OPEN, CLOSE, SCORE)                                                        \
	const assay_plugin_desc *assay_plugin_entry_v1(void)                                           \
	{                                                                                              \
		static const assay_plugin_api api = {                                                      \
			.size = sizeof api, .open = (OPEN), .close = (CLOSE), .score_batch = (SCORE)};         \
		static const assay_plugin_desc desc = {.magic = ASSAY_PLUGIN_MAGIC,                        \
											   .size = sizeof desc,                                \
											   .abi = ASSAY_ABI,                                   \
											   .info = &(INFO),                                    \
											   .api = &api};                                       \
		return &desc;                                                                              \
	}

#endif
