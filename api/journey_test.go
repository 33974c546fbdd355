package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRegisterMarkAndReadTheStanding(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	sam := o.register("sam")
	o.at(spring(1).Add(3 * time.Hour))
	a := o.post("trainer", sam+"/attendance", map[string]any{"session": "1", "status": "late", "minutes": 95}).want(http.StatusOK)
	require.Equal(t, `"2"`, a.header.Get("ETag"))
	require.Equal(t, "attendance.marked.v1", a.list("entries")[0].(map[string]any)["type"])

	got := o.get("trainer", sam+"?min_position="+a.header.Get("Ledger-Position")).want(http.StatusOK)
	require.EqualValues(t, 2, got.at("standing", "version"))
	require.Len(t, got.list("standing", "marks"), 1)
	require.Equal(t, "in-progress", got.list("assessment", "awards")[0].(map[string]any)["earned"], fmt.Sprint(got.at("assessment", "awards")))
}
