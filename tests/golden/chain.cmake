asy_golden(chain SOURCES golden_chain_blobs.c golden_chain_metadata.c golden_chain_typed.c golden_chain_listings.c golden_chain_tables.c golden_scale.c golden_chain_calls.c golden_chain_clock.c
    ${PROJECT_SOURCE_DIR}/tests/support/value_encode.c
    ${PROJECT_SOURCE_DIR}/tests/support/metadata_build.c
  MAY_USE base crypto codec subnet schedule seal chain localnet)
target_compile_definitions(golden_chain PRIVATE ASSAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
