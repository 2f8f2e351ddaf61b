// The codes of problems in the input of `isthmus check` that scenario files cannot have; addresses and YAML have theirs in
// ../codes.ts.

import { defineCodes } from '../../diag/codes.ts'

export const PLAN_CODES = defineCodes([
  {
    code: 'PL001',
    title: 'A document that is passed over',
    explanation:
      'The document is of a kind that says nothing about addresses, or of one that `isthmus check` does not know. It is named and left alone, so that a whole folder can be given; with `--strict` it is an error.\n\ndocs/check.md lists what is read.',
  },
  {
    code: 'PL002',
    title: 'Unknown key in a plan',
    explanation:
      'A plan is strict, as scenario files are: a mistyped key would otherwise be something that is not checked.',
  },
  {
    code: 'PL003',
    title: 'A value of a plan is of the wrong kind',
    explanation: 'A list stands where one value is wanted, text where a number is, and so on.',
  },
  {
    code: 'PL004',
    title: 'A table without the columns that are needed',
    explanation:
      'The first line of a CSV file names its columns, in any order. Either a row is a network (`cluster,role,cidr`, and if you like `name,gateway,pods`), or a row is a cluster and the columns are roles (`cluster,pods,services,join,nodes`). Cells may be separated by commas, semicolons or tabs.',
  },
  {
    code: 'PL005',
    title: 'A broken row of a table',
    explanation: 'A cell that is needed is empty, a quote is not closed, or the role is none that is known.',
  },
  {
    code: 'PL006',
    title: 'Whose manifests are these?',
    explanation:
      'Manifests do not say which cluster they belong to. The file itself may tell (`az-name` of ovn-ic-config, `clusterName` of kubeadm, `clusterID` of Submariner); then a file of the same folder that does, then a folder above; then the name of the folder. Here several files of one folder name different clusters, and this one names none.\n\nGive each cluster a folder, or say it on the command line: `isthmus check az1=nodes.json az2=subnets.yaml`.',
  },
  {
    code: 'PL007',
    title: 'Nothing to check',
    explanation: 'Nothing in the files says anything about a network of a cluster.',
  },
  {
    code: 'PL008',
    title: 'A flag of subctl join that is not known',
    explanation:
      'The lines are read as `subctl join` takes them: `--clusterid=cluster-a --clustercidr=172.110.0.0/16`.',
  },
  {
    code: 'PL009',
    title: 'Output that cannot be read',
    explanation:
      'The text looks like what ovn-nbctl or ovn-ic-sbctl print, and this line does not fit in. Perhaps lines were lost when it was copied.',
  },
  {
    code: 'PL010',
    title: 'A fix that the plan cannot have',
    explanation:
      'Options of `isthmus check --fix-plan`, and `fix` in a plan, name clusters and networks of the plan: `az1`, `az1/ovn-default`, `az1/services`, or `/ts` for a transit switch. Ranges are CIDRs without host bits; a cost is a number of pods above zero.',
  },
])
