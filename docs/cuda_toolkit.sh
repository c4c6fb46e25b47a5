#!/usr/bin/env bash
# Puts together, from Python packages, the CUDA 13.0 toolkit that `--features cuda` is built with. Needs pip, unzip and a
# C compiler; no GPU, no driver, no root.
#
#   . docs/cuda_toolkit.sh FOLDER                      about 2 GB; what is there already is kept
#   cargo build --release -p cbp-cli --features cuda   about 20 minutes of one core
#
# A machine without NVIDIA's driver has no libcuda.so.1, so FOLDER/stub gets one that answers every call with "this is no
# driver": enough to link, and to see what the program says where there is no GPU. With a driver it is not made.
# To run the program elsewhere, take the libcublas, libcublasLt, libcudart, libcurand and libnvrtc of FOLDER/lib along.

cuda_toolkit() (
    set -euo pipefail
    mkdir -p "$1"
    cd "$1"
    if [ ! -e lib64 ]; then
        python3 -m pip download --quiet --no-deps --only-binary=:all: --dest wheels \
            nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-runtime==13.0.96 \
            nvidia-cuda-cccl==13.0.85 nvidia-cublas==13.0.2.14 nvidia-cuda-nvrtc==13.0.88 nvidia-curand==10.4.0.35
        for wheel in wheels/*.whl; do unzip -q -o "$wheel" 'nvidia/cu13/*'; done
        rm -r wheels
        mv nvidia/cu13/* .
        rm -r nvidia
        # Wheels carry neither the execute bit nor the names that a linker looks for.
        chmod +x bin/* nvvm/bin/*
        for library in lib/*.so.*; do ln -sf "$(basename "$library")" "${library%%.so*}.so"; done
        ln -s lib lib64
    fi
    if [ ! -e stub/libcuda.so ] && ! ldconfig -p | grep -q 'libcuda\.so\.1'; then
        mkdir -p stub
        # 34 is CUDA_ERROR_STUB_LIBRARY. The two functions that name an error have to give a text.
        {
            echo '#define stub(name) int name(void) { return 34; }'
            echo '#define text(name) int name(int e, const char **s) { *s = "no NVIDIA driver (stub library)"; return 0; }'
            echo '#include <cuda.h>' | "${CC:-cc}" -E -P -Iinclude - | grep -oE '\bcu[A-Z][A-Za-z0-9_]* *\(' | tr -d ' (' |
                sort -u | sed -E 's/^cuGetError(Name|String)$/text(&)/; t; s/.*/stub(&)/'
        } > stub/stub.c
        "${CC:-cc}" -shared -fPIC -Wl,-soname,libcuda.so.1 -o stub/libcuda.so.1 stub/stub.c
        ln -sf libcuda.so.1 stub/libcuda.so
    fi
)

if cuda_toolkit "${1:?give a folder}"; then
    CUDA_HOME=$(cd "$1" && pwd)
    export CUDA_HOME CUDA_PATH=$CUDA_HOME CUDA_ROOT=$CUDA_HOME PATH=$CUDA_HOME/bin:$PATH
    export CUDA_COMPUTE_CAP=${CUDA_COMPUTE_CAP:-90}
    export LIBRARY_PATH=$CUDA_HOME/lib:$CUDA_HOME/stub${LIBRARY_PATH:+:$LIBRARY_PATH}
    export LD_LIBRARY_PATH=$CUDA_HOME/lib:$CUDA_HOME/stub${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi
