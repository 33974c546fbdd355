package eventstore

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
)

// TestABusyServerIsNoStoppedStream: a server that was not ready in time is asked
// again; one that has given up the stream is believed.
func TestABusyServerIsNoStoppedStream(t *testing.T) {
	require.Empty(t, stopped(&server.HealthStatus{Status: "ok"}))
	busy := server.HealthzError{Type: server.HealthzErrorConn, Error: "failed to be ready for connections after 1ms"}
	require.Empty(t, stopped(&server.HealthStatus{Status: "error", Errors: []server.HealthzError{busy}}))
	gone := server.HealthzError{Type: server.HealthzErrorStream, Stream: streamName, Error: "stream is not healthy"}
	require.Equal(t, gone.Error, stopped(&server.HealthStatus{Status: "unavailable", Errors: []server.HealthzError{busy, gone}}))
	require.NotEmpty(t, stopped(&server.HealthStatus{Status: "unavailable", Errors: []server.HealthzError{{Type: server.HealthzErrorJetStream, Error: "no"}}}))
}
