#compdef isthmus
_isthmus() {
  local -a commands
  commands=(
    'check:judge a plan before it is deployed'
    'diff:show what a change does to routes and reachability'
    'run:run scenarios and judge what they expect'
    'show:show routes, databases, gateways or policies as the OVN tools print them'
    'trace:follow one packet there and back, stage by stage'
    'lab:run a scenario on real OVN in network namespaces'
    'conform:hold the simulator against real OVN'
    'doctor:say what this machine has for lab and conform'
    'bench:measure route-table structures on your own table'
    'init:write a commented scenario to start from'
    'validate:check scenario files without running them'
    'graph:print the topology as a Mermaid or Graphviz graph'
    'schema:print the JSON Schema of scenario files'
    'explain:explain a diagnostic code, a key of scenario files, or how a packet ended'
    'completion:print a completion script for a shell'
    'help:print help for a command'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    check)
      _arguments '*--output[report format (text, json, sarif, junit, github, markdown), to a file if one is given; repeatable]:value:_files' \
        '*--fail-on[the least severity that makes exit code 1]:value:(error warning)' \
        '*--baseline[accept the findings that this file lists]:value:_files' \
        '*--write-baseline[write the findings there as accepted, and exit with 0]:value:_files' \
        '*--strict[documents of unknown kinds are errors]' \
        '*--reachability[bring the networks to rest and show who reaches whom, over all addresses]' \
        '*--from[with --reachability\: senders to show; repeatable]:value:_files' \
        '*--to[with --reachability\: owners of addresses to show; repeatable]:value:_files' \
        '*--protocol[with --reachability\: what is sent (default\: icmp)]:value:(icmp tcp udp)' \
        '*--port[with --protocol tcp or udp\: the destination port (default\: 7)]:value:_files' \
        '*--at[with --reachability\: time of the run of scenarios (5s, 250ms), start, end, or the name of a snapshot (default\: start)]:value:_files' \
        '*--fix-plan[propose the cheapest renumbering that removes the findings, as a patch]' \
        '*--write[with --fix-plan\: change the files]' \
        '*--pin[with --fix-plan\: a cluster, or cluster/network, that cannot change; repeatable]:value:_files' \
        '*--reserve[with --fix-plan\: addresses that nothing moves to; repeatable]:value:_files' \
        '*--within[with --fix-plan\: addresses that networks may move to; repeatable]:value:_files' \
        '*--cost[with --fix-plan\: what it costs to renumber a network, or each of a cluster; repeatable]:value:_files' \
        '*--growth[with --fix-plan\: how much larger networks that move become]:value:_files' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    diff)
      _arguments '*--output[report format (text, json); repeatable]:value:_files' \
        '*--profile[version to model\: once for both sides, twice for old and new]:value:_files' \
        '*--at[time of the run (5s, 250ms), start, end, or the name of a snapshot (default\: start)]:value:_files' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    run)
      _arguments '*--output[report format (text, json, yaml, junit), to a file if one is given; repeatable]:value:_files' \
        '*--pcap[write a pcapng file per scenario into this folder]:value:_files' \
        '*--seed[seed of everything random, instead of the one in the file]:value:_files' \
        '*--profile[version to model, instead of the one in the file]:value:(ovn-23.03 kube-ovn-1.10 kube-ovn-1.11 kube-ovn-1.12 kube-ovn-1.13 kube-ovn-1.14 kube-ovn-1.15 kube-ovn-1.16 kube-ovn-1.17)' \
        '*--only[judge only the expectation with this text, or those that contain it]:value:_files' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    show)
      _arguments '*--at[time of the run (5s, 250ms), start, end, or the name of a snapshot (default\: start)]:value:_files' \
        '*--cluster[only this cluster]:value:_files' \
        '*--router[only this logical router]:value:_files' \
        '*--seed[seed of everything random, instead of the one in the file]:value:_files' \
        '*--profile[version to model, instead of the one in the file]:value:(ovn-23.03 kube-ovn-1.10 kube-ovn-1.11 kube-ovn-1.12 kube-ovn-1.13 kube-ovn-1.14 kube-ovn-1.15 kube-ovn-1.16 kube-ovn-1.17)' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '1:what:(routes ic-sb nb sb gateways policies flows)' \
        '*:file:_files';;
    trace)
      _arguments '*--detailed[every stage (default)]' \
        '*--summary[the stages that decided, and the tunnels]' \
        '*--minimal[only the outputs]' \
        '*--output[text, json or yaml]:value:_files' \
        '*--at[time of the run (5s, 250ms), start, end, or the name of a snapshot (default\: start)]:value:_files' \
        '*--ttl[TTL or hop limit of the sender]:value:_files' \
        '*--size[payload bytes]:value:_files' \
        '*--seed[seed of everything random, instead of the one in the file]:value:_files' \
        '*--profile[version to model, instead of the one in the file]:value:(ovn-23.03 kube-ovn-1.10 kube-ovn-1.11 kube-ovn-1.12 kube-ovn-1.13 kube-ovn-1.14 kube-ovn-1.15 kube-ovn-1.16 kube-ovn-1.17)' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '1:what:(icmp tcp udp)' \
        '*:file:_files';;
    lab)
      _arguments '*--help[print help]' \
        '*--dry-run[print the commands as a script that does the same by itself]' \
        '*--verbose[print every command before it runs]' \
        '*--seed[seed of everything random, instead of the one in the file]:value:_files' \
        '*--profile[version to model, instead of the one in the file]:value:(ovn-23.03 kube-ovn-1.10 kube-ovn-1.11 kube-ovn-1.12 kube-ovn-1.13 kube-ovn-1.14 kube-ovn-1.15 kube-ovn-1.16 kube-ovn-1.17)' \
        '*--output[report format (text, json, yaml, junit), to a file if one is given; repeatable]:value:_files' \
        '*--pcap[write a pcapng file per scenario into this folder]:value:_files' \
        '*--run[which lab, when several are up]:value:_files' \
        '*--all[all labs of this machine]' \
        '*--color[colour the output]:value:(auto always never)' \
        '1:what:(up run status exec enter down)' \
        '*:file:_files';;
    conform)
      _arguments '*--output[report format (text, json, junit), to a file if one is given; repeatable]:value:_files' \
        '*--jobs[labs at a time]:value:_files' \
        '*--verbose[print every command before it runs]' \
        '*--random[how many; their seeds are counted up from --seed (default\: 1)]:value:_files' \
        '*--no-shrink[report a disagreement as it was found]' \
        '*--regressions[where the smallest scenarios that differ are written]:value:_files' \
        '*--dry-run[print the scenarios as YAML and run nothing]' \
        '*--seed[seed of everything random, instead of the one in the file]:value:_files' \
        '*--profile[version to model, instead of the one in the file]:value:(ovn-23.03 kube-ovn-1.10 kube-ovn-1.11 kube-ovn-1.12 kube-ovn-1.13 kube-ovn-1.14 kube-ovn-1.15 kube-ovn-1.16 kube-ovn-1.17)' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    doctor)
      _arguments '*--output[report format]:value:(text json)' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    bench)
      _arguments '*--help[print help]' \
        '*--shape[what the generated table is like]:value:(k8s bgp)' \
        '*--size[prefixes of the generated table]:value:(1k 10k 100k 1m)' \
        '*--family[IPv4 or IPv6]:value:(4 6)' \
        '*--seed[seed of table and trace]:value:_files' \
        '*--format[format of the file, instead of what it looks like]:value:(ip-route ip-json lr-route-list bird frr frr-bgp mrt csv)' \
        '*--trace[addresses\: match, uniform, zipf, miss, or a pcap or pcapng file]:value:_files' \
        '*--structures[only these, separated by commas]:value:_files' \
        '*--rounds[rounds to take the median of]:value:_files' \
        '*--output[report format (text, json, markdown, svg), to a file if one is given; repeatable]:value:_files' \
        '*--color[colour the output]:value:(auto always never)' \
        '1:what:(routes)' \
        '*:file:_files';;
    init)
      _arguments '*--clusters[how many clusters]:value:_files' \
        '*--gateways[gateway nodes of each cluster]:value:_files' \
        '*--dual-stack[IPv4 and IPv6]' \
        '*--profile[version to model]:value:(ovn-23.03 kube-ovn-1.10 kube-ovn-1.11 kube-ovn-1.12 kube-ovn-1.13 kube-ovn-1.14 kube-ovn-1.15 kube-ovn-1.16 kube-ovn-1.17)' \
        '*--file[where to write it; - for standard output]:value:_files' \
        '*--force[write over a file that exists]' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '1:what:(ovn-ic)' \
        '*:file:_files';;
    validate)
      _arguments '*--seed[seed of everything random, instead of the one in the file]:value:_files' \
        '*--profile[version to model, instead of the one in the file]:value:(ovn-23.03 kube-ovn-1.10 kube-ovn-1.11 kube-ovn-1.12 kube-ovn-1.13 kube-ovn-1.14 kube-ovn-1.15 kube-ovn-1.16 kube-ovn-1.17)' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    graph)
      _arguments '*--output[graph language]:value:(mermaid dot)' \
        '*--seed[seed of everything random, instead of the one in the file]:value:_files' \
        '*--profile[version to model, instead of the one in the file]:value:(ovn-23.03 kube-ovn-1.10 kube-ovn-1.11 kube-ovn-1.12 kube-ovn-1.13 kube-ovn-1.14 kube-ovn-1.15 kube-ovn-1.16 kube-ovn-1.17)' \
        '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    schema)
      _arguments '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    explain)
      _arguments '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '*:file:_files';;
    completion)
      _arguments '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '1:what:(bash zsh fish)' \
        '*:file:_files';;
    help)
      _arguments '*--help[print help]' \
        '*--color[colour the output]:value:(auto always never)' \
        '1:what:(check diff run show trace lab conform doctor bench init validate graph schema explain completion)' \
        '*:file:_files';;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _isthmus "$@"; else compdef _isthmus isthmus; fi
