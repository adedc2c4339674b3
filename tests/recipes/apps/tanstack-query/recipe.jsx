import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Tracks as Recipe } from './tanstack-query';

const queryClient = new QueryClient();

export const Tracks = () => (
  <QueryClientProvider client={queryClient}>
    <Recipe />
  </QueryClientProvider>
);
