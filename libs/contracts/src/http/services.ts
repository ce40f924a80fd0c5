/** The eight services, with the port each one has on one machine and in a container. */
export const services = {
  'api-gateway': { localPort: 8000, containerPort: 8000 },
  'signal-ingestion': { localPort: 8001, containerPort: 8000 },
  'scoring-engine': { localPort: 5002, containerPort: 5002 },
  orchestrator: { localPort: 3000, containerPort: 3000 },
  'mockup-generation': { localPort: 8002, containerPort: 8000 },
  'marketplace-publisher': { localPort: 8003, containerPort: 8000 },
  'feedback-loop': { localPort: 8004, containerPort: 8000 },
  monitoring: { localPort: 8005, containerPort: 8000 },
} as const;

export type ServiceName = keyof typeof services;
export const serviceNames = Object.keys(services) as ServiceName[];
