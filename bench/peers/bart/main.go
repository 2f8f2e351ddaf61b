// bart's tables (github.com/gaissmai/bart) on our tables and traces: `bart Table|Fast|Lite FILE`. The lines it speaks and the layout of
// the file stand in ../workload.h.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"sort"
	"syscall"

	"github.com/gaissmai/bart"
)

const (
	batch  = 1024
	passes = 5
	passNs = 12e6
)

type table interface {
	Insert(netip.Prefix, int32)
	Delete(netip.Prefix)
	Lookup(netip.Addr) (int32, bool)
}

func cpuNs() float64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

func address(words []uint32) netip.Addr {
	if len(words) == 1 {
		var octets [4]byte
		binary.BigEndian.PutUint32(octets[:], words[0])
		return netip.AddrFrom4(octets)
	}
	var octets [16]byte
	for i, word := range words {
		binary.BigEndian.PutUint32(octets[4*i:], word)
	}
	return netip.AddrFrom16(octets)
}

// measure gives million operations a second of CPU time: the pass at the 90th percentile of five.
func measure(run func(from, to int), unit, most int) float64 {
	// As long as a pass, so that everything is warm, and until a chunk fills an eighth of one.
	count := unit
	for spent := 0.0; spent < passNs; {
		began := cpuNs()
		run(0, count)
		took := cpuNs() - began
		spent += took
		if took < passNs/8 && count*2 <= most {
			count *= 2
		}
	}
	rates := make([]float64, 0, passes)
	at := 0
	for pass := 0; pass < passes; pass++ {
		done, took := 0.0, 0.0
		began := cpuNs()
		for took < passNs {
			if at+count > most {
				at = 0
			}
			run(at, at+count)
			at += count
			done += float64(count)
			took = cpuNs() - began
		}
		rates = append(rates, done/took*1000)
	}
	sort.Float64s(rates)
	return rates[passes-1]
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bart Table|Fast|Lite FILE")
		os.Exit(2)
	}
	bytes, err := os.ReadFile(os.Args[2])
	if err != nil || len(bytes) < 32 || string(bytes[:4]) != "IRB1" {
		fmt.Fprintln(os.Stderr, os.Args[2]+": no workload")
		os.Exit(2)
	}
	word := func(i int) uint32 { return binary.NativeEndian.Uint32(bytes[4*i:]) }
	count, traceCount, updates := int(word(2)), int(word(3)), int(word(6))
	width := 1
	if word(1) == 6 {
		width = 4
	}
	at := 8
	words := func(n int) []uint32 {
		out := make([]uint32, n)
		for i := range out {
			out[i] = word(at + i)
		}
		at += n
		return out
	}
	addresses, values, order := words(width*count), words(count), words(updates)
	lengths := bytes[4*at : 4*at+count]
	at += (count + 3) / 4
	traces := make([][]netip.Addr, traceCount)
	for t := range traces {
		length := int(word(at))
		at++
		raw := words(width * length)
		traces[t] = make([]netip.Addr, length)
		for i := range traces[t] {
			traces[t][i] = address(raw[width*i : width*(i+1)])
		}
	}
	prefixes := make([]netip.Prefix, count)
	for i := range prefixes {
		prefixes[i] = netip.PrefixFrom(address(addresses[width*i:width*(i+1)]), int(lengths[i]))
	}
	bytes, addresses = nil, nil

	var t table
	switch os.Args[1] {
	case "Table":
		t = new(bart.Table[int32])
	case "Fast":
		t = new(bart.Fast[int32])
	default:
		fmt.Println("none no such kind")
		return
	}
	memory := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := memory()
	began := cpuNs()
	for i, prefix := range prefixes {
		t.Insert(prefix, int32(values[i]))
	}
	built := cpuNs() - began
	fmt.Printf("ready %.3f %d\n", built/1e6, memory()-before)

	lookup := func(addr netip.Addr) int32 {
		if value, ok := t.Lookup(addr); ok {
			return value
		}
		return -1
	}
	fast, _ := t.(*bart.Fast[int32])
	plain, _ := t.(*bart.Table[int32])
	sink := int32(0)
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var what string
		var number int
		fmt.Sscanf(input.Text(), "%s %d", &what, &number)
		trace := traces[number]
		whole := len(trace) / batch * batch
		switch what {
		case "answers":
			hash := uint32(0)
			for _, addr := range trace {
				hash = hash*31 + uint32(lookup(addr)+1)
			}
			fmt.Printf("answers %d %d\n", len(trace), hash)
		case "batch", "single":
			// Not through the interface: each table's own method, as a program would call it.
			run := func(from, to int) {
				sum := int32(0)
				if fast != nil {
					for _, addr := range trace[from:to] {
						value, _ := fast.Lookup(addr)
						sum += value
					}
				} else {
					for _, addr := range trace[from:to] {
						value, _ := plain.Lookup(addr)
						sum += value
					}
				}
				sink += sum
			}
			fmt.Printf("%s %.4f\n", what, measure(run, batch, whole))
		case "dependent":
			run := func(from, to int) {
				i := from
				for n := from; n < to; n++ {
					i += 1 + int(lookup(trace[i])&1)
					if i >= to {
						i = from
					}
				}
				sink += int32(i)
			}
			fmt.Printf("dependent %.4f\n", measure(run, batch, whole))
		case "update":
			run := func(from, to int) {
				for _, k := range order[from:to] {
					t.Delete(prefixes[k])
					t.Insert(prefixes[k], int32(values[k]))
				}
			}
			fmt.Printf("update %.4f\n", measure(run, 16, len(order)))
		default:
			fmt.Println("none")
		}
	}
	_ = sink
}
