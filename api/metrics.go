package api

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/certledger/certledger/api/desk"
	"github.com/certledger/certledger/domain"
)

// healthTimeout bounds each question that health and metrics ask.
const healthTimeout = 2 * time.Second

// metrics counts what happens. Its labels are names of ours: operations,
// statuses, commands; never an identifier.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	commands *prometheus.CounterVec
}

func newMetrics(cfg Config) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "certledger_http_requests_total", Help: "Requests answered, by operation and status.",
		}, []string{"operation", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "certledger_http_request_seconds", Help: "Time to answer, by operation.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation"}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "certledger_commands_total", Help: "Commands, by what became of them: recorded, repeated, nothing, refused, failed.",
		}, []string{"command", "outcome"}),
	}
	position := func() float64 { return float64(cfg.Store.Position().Sequence) }
	m.registry.MustRegister(m.requests, m.duration, m.commands,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "certledger_projection_position", Help: "Sequence of the last entry that the views hold.",
		}, position),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "certledger_projection_lag_entries", Help: "Entries that the views are behind the ledger; -1 where the ledger does not answer.",
		}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
			defer cancel()
			head, err := cfg.Ledger.Head(ctx)
			if err != nil {
				return -1
			}
			return max(0, float64(head)-position())
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "certledger_ledger_writable", Help: "1 while entries can be appended.",
		}, func() float64 {
			if cfg.Ledger.Healthy() != nil {
				return 0
			}
			return 1
		}),
	)
	if cfg.Clock != nil {
		m.registry.MustRegister(clockMetrics(cfg.Clock)...)
	}
	return m
}

// clockMetrics are those of the ledger's clock.
func clockMetrics(c Clock) []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "certledger_clock_statuses_total", Help: "Statuses that time has brought, recorded by this node since its start.",
		}, func() float64 { return float64(c.State().Recorded) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "certledger_clock_running", Help: "1 while what time brings is recorded.",
		}, func() float64 {
			if c.State().Err != nil {
				return 0
			}
			return 1
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "certledger_clock_next_seconds", Help: "When the clock looks again at the latest, in seconds since 1970.",
		}, func() float64 { return float64(c.State().Next.Unix()) }),
	}
}

func (m *metrics) request(operation string, status int, took time.Duration) {
	m.requests.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(operation).Observe(took.Seconds())
}

func (m *metrics) command(c domain.Command, a desk.Answer, err error) {
	var refusal *domain.Refusal
	outcome := "recorded"
	switch {
	case errors.As(err, &refusal):
		outcome = "refused"
	case err != nil:
		outcome = "failed"
	case a.Repeated:
		outcome = "repeated"
	case len(a.Entries) == 0:
		outcome = "nothing"
	}
	m.commands.WithLabelValues(reflect.TypeOf(c).Name(), outcome).Inc()
}
