//! Tests the trainer as a program: its output, its files, its exit codes.

mod desk;

mod ingest;

mod lists;

mod train;

mod search;

mod registry;

mod gate;

mod data;

mod blob;

mod predict;

mod import;

mod parquet;

mod service_desk;

mod logs;

mod drift;

mod replay;

mod upkeep;

mod watch;

mod report;
