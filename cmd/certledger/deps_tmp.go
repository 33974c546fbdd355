//go:build depsonly

package main

import (
	_ "github.com/cockroachdb/pebble/v2"
	_ "github.com/danielgtaylor/huma/v2"
	_ "github.com/goccy/go-yaml"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/google/uuid"
	_ "github.com/gowebpki/jcs"
	_ "github.com/jedib0t/go-pretty/v6/table"
	_ "github.com/nats-io/nats-server/v2/server"
	_ "github.com/nats-io/nats.go/jetstream"
	_ "github.com/prometheus/client_golang/prometheus"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/schollz/progressbar/v3"
	_ "github.com/spf13/cobra"
	_ "github.com/stretchr/testify/require"
	_ "github.com/go-json-experiment/json"
	_ "go.uber.org/goleak"
	_ "pgregory.net/rapid"
)
