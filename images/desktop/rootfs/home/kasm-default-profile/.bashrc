# Yours to change: this file is copied into a new home once.
case $- in *i*) ;; *) return ;; esac

HISTCONTROL=ignoreboth
shopt -s histappend checkwinsize
PS1='\[\e[1;36m\]\w\[\e[0m\] \$ '
alias ls='ls --color=auto' ll='ls -l'
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
