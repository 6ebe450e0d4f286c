# NexusLIMS and Airflow in one image: web server, scheduler, DAG processor and workers are commands of it.
#
#   docker build --target nexuslims -t nexuslims:0.1.0 .
#
# Its environment is made by the same step as that of a checkout (`make venv`): from requirements.txt, with hashes.
FROM python:3.11.13-slim-bookworm AS nexuslims

# Their files belong to this user and to group 0, as the official Helm chart expects of an image.
RUN useradd --uid 50000 --gid 0 --home-dir /opt/airflow --create-home airflow \
 && mkdir -p /opt/airflow/logs /opt/airflow/state \
 && chown -R airflow:0 /opt/airflow \
 && chmod -R g=u /opt/airflow

WORKDIR /opt/nexuslims
COPY . .
RUN python tools/make_venv.py

# The probes of the official Helm chart call Airflow through /entrypoint.
COPY --chmod=0755 deploy/entrypoint /entrypoint

ENV PATH=/opt/nexuslims/.venv/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/nexuslims/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/nexuslims/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False

USER 50000:0
WORKDIR /opt/airflow
CMD ["airflow", "version"]


# A CDCS to look at, for `docker compose --profile cdcs`; a site that has its own never builds it.
FROM nexuslims AS cdcs
USER 0
RUN python -m nexuslims_core.testing.servers.cdcs.installing /opt/cdcs \
 && install --directory --owner=50000 --group=0 --mode=0770 /opt/airflow/cdcs
USER 50000:0
CMD ["/opt/cdcs/venv/bin/python", "-I", "/opt/nexuslims/nexuslims_core/testing/servers/cdcs/inside/serve.py", \
     "--home", "/opt/airflow/cdcs", "--schema", "/opt/nexuslims/schemas/nexus-experiment.xsd", \
     "--detail-xsl", "/opt/nexuslims/schemas/record_to_html.xsl", "--list-xsl", "/opt/nexuslims/schemas/record_list.xsl", \
     "--port", "8000", "--url", "http://cdcs:8000"]
