"""Everything that knows both Airflow and the core: thin operators, and hooks that turn connections into clients."""
