# One image for migrations and the three workers; docker-compose.yml says which command runs.

# By its digest: --build-arg PYTHON=python:3.12-slim@sha256:...
ARG PYTHON=python:3.12-slim

FROM ${PYTHON} AS build
WORKDIR /build
RUN python -m venv /opt/medlemsflyt
ENV PATH=/opt/medlemsflyt/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
# The build backend stays out of the image that runs.
COPY requirements-build.txt ./
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY workflows workflows
COPY activities activities
COPY workers workers
RUN /opt/build/bin/python -m hatchling build -t wheel && pip install --no-deps dist/*.whl

FROM ${PYTHON}
RUN useradd --system --uid 10001 --create-home medlemsflyt
# A volume that is mounted here for the first time takes over owner and mode.
RUN install --directory --owner=10001 --mode=0700 /var/lib/medlemsflyt/lists /var/lib/medlemsflyt/keys \
    /var/lib/medlemsflyt/signing-gateway /var/lib/medlemsflyt/signing-service /var/lib/medlemsflyt/believed
COPY --from=build /opt/medlemsflyt /opt/medlemsflyt
ENV PATH=/opt/medlemsflyt/bin:$PATH PYTHONUNBUFFERED=1
USER medlemsflyt
WORKDIR /home/medlemsflyt
CMD ["medlemsflyt", "--help"]
