stridelab --version
stridelab help
stridelab trace --help
stridelab help run
