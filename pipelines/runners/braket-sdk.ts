/** What is used of Amazon's own client, in a file of its own so that only whoever calls the service loads it. */
export {
  BraketClient,
  CancelQuantumTaskCommand,
  CreateQuantumTaskCommand,
  GetDeviceCommand,
  GetQuantumTaskCommand,
  SearchQuantumTasksCommand,
  SearchSpendingLimitsCommand,
} from '@aws-sdk/client-braket';
