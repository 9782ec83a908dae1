/* localnet_config: the configuration with which assayd validates a subnet of the
 * development chain, and where what was installed beside this program is found.
 * The demo runs its daemons on it and `assay localnet --print-config` prints it.
 * Reason to change: what a validator of a scenario's subnet must be told. */
#ifndef ASY_CLI_LOCALNET_CONFIG_H
#define ASY_CLI_LOCALNET_CONFIG_H
#include "front/front.h"
#include "localnet/localnet.h"

#define LOCALNET_PATH_MAX 4096u

/* Folders of plugins and sample challenges: what the command line names, else what is
 * installed beside this program. "" where there is neither. */
typedef struct {
	char plugins[LOCALNET_PATH_MAX], samples[LOCALNET_PATH_MAX];
	char scenario[LOCALNET_PATH_MAX]; /* where relative paths of the scenario start from */
} localnet_folders;
/* plugins, samples: as given, or NULL. scenario: its file. Paths become absolute. */
assay_status localnet_folders_find(const char *plugins, const char *samples, const char *scenario,
								   localnet_folders *out, assay_err *err) ASSAY_CHECKED;
/* How to start the chain of a scenario with these folders. */
asy_localnet_opts localnet_opts(const localnet_folders *f, asy_logger *log, int port);
/* The scenario that is installed with this program; E_NOTFOUND: none is. */
assay_status localnet_default_scenario(char *out, size_t cap, assay_err *err) ASSAY_CHECKED;

typedef struct {
	const asy_scenario_subnet *net;
	const localnet_folders *folders;
	const char *url;      /* of the chain */
	const char *data_dir; /* as written into the configuration */
	bool json_log;
} localnet_validator;
/* Deadlines fit the subnet's epochs: a round of queries takes less than a third of one,
 * so that a miner that never answers does not cost the epoch. */
assay_status localnet_config_text(const localnet_validator *v, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;
#endif
