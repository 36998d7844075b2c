#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* 257 functions of the kernel that take nothing and return nothing */
#define EVERY(CALL) \
	CALL(no_tty) CALL(do_idle) CALL(ip_init) CALL(arp_init) CALL(avc_init) CALL(bad_srat) \
	CALL(cpu_init) CALL(cr4_init) CALL(exit_rcu) CALL(hvc_kick) CALL(init_IRQ) CALL(irq_exit) \
	CALL(key_init) CALL(mem_init) CALL(mnt_init) CALL(ntp_init) CALL(psi_init) CALL(pti_init) \
	CALL(raw_init) CALL(rcu_core) CALL(rcu_init) CALL(schedule) CALL(sem_init) CALL(shm_init) \
	CALL(skb_init) CALL(smp_init) CALL(stop_nmi) CALL(tcp_init) CALL(tsc_init) CALL(tsx_init) \
	CALL(udp_init) CALL(clear_bss) CALL(cred_init) CALL(dmi_setup) CALL(drop_slab) CALL(fork_init) \
	CALL(genl_lock) CALL(irq_enter) CALL(ksys_sync) CALL(mmap_init) CALL(nsfs_init) CALL(oops_exit) \
	CALL(ping_init) CALL(rest_init) CALL(rtnl_lock) CALL(seg6_exit) CALL(srcu_init) CALL(tick_init) \
	CALL(time_init) CALL(trap_init) CALL(vsmp_init) CALL(xfrm_init) CALL(do_softirq) \
	CALL(dump_stack) CALL(files_init) CALL(fixup_irqs) CALL(inode_init) CALL(ioam6_exit) \
	CALL(mask_8259A) CALL(mptcp_init) CALL(mwait_idle) CALL(n_tty_init) CALL(oops_enter) \
	CALL(pci_no_msi) CALL(probe_roms) CALL(rawv6_exit) CALL(sched_exec) CALL(sched_init) \
	CALL(shmem_init) CALL(tcpv6_exit) CALL(trace_init) CALL(tracing_on) CALL(udpv6_exit) \
	CALL(xfrm4_init) CALL(xfrm6_fini) CALL(acpi_reboot) CALL(buffer_init) CALL(cet_disable) \
	CALL(chrdev_init) CALL(cpuset_lock) CALL(ct_irq_exit) CALL(ct_nmi_exit) CALL(dax_fs_exit) \
	CALL(disable_TSC) CALL(disable_smp) CALL(driver_init) CALL(ftrace_init) CALL(ftrace_kill) \
	CALL(ftrace_stub) CALL(genl_unlock) CALL(init_rootfs) CALL(io_schedule) CALL(ip_fib_init) \
	CALL(ipfrag_init) CALL(kernel_halt) CALL(kernfs_init) CALL(native_halt) CALL(net_ns_init) \
	CALL(padata_init) CALL(paging_init) CALL(pingv6_exit) CALL(poking_init) CALL(random_init) \
	CALL(rcu_barrier) CALL(restart_nmi) CALL(rtnl_unlock) CALL(sparse_init) CALL(tcp_v4_init) \
	CALL(tick_resume) CALL(tracing_off) CALL(tsx_ap_init) CALL(unwind_init) CALL(uts_ns_init) \
	CALL(acct_process) CALL(acpi_ec_init) CALL(calipso_exit) CALL(check_x2apic) CALL(clear_itimer) \
	CALL(console_init) CALL(console_lock) CALL(cpu_dev_init) CALL(ct_idle_exit) CALL(ct_irq_enter) \
	CALL(ct_nmi_enter) CALL(ctrl_alt_del) CALL(default_idle) CALL(devinet_init) CALL(disable_srat) \
	CALL(do_task_dead) CALL(early_quirks) CALL(ext4_exit_es) CALL(flush_thread) CALL(free_initmem) \
	CALL(hpet_disable) CALL(initmem_init) CALL(intel_ht_bug) CALL(irq_exit_rcu) CALL(irq_work_run) \
	CALL(lapic_online) CALL(machine_halt) CALL(map_vsyscall) CALL(mtrr_bp_init) CALL(pcie_no_aspm) \
	CALL(pid_idr_init) CALL(pti_finalize) CALL(quiet_vmstat) CALL(signals_init) CALL(softirq_init) \
	CALL(start_kernel) CALL(swiotlb_exit) CALL(sync_Arb_IDs) CALL(syscall_init) CALL(tick_suspend) \
	CALL(tp_stub_func) CALL(tracing_stop) CALL(unmask_8259A) CALL(uprobes_init) CALL(vmalloc_init) \
	CALL(x2apic_setup) CALL(xdp_do_flush) CALL(acpi_apd_init) CALL(acpi_init_pcc) \
	CALL(acpi_pnp_init) CALL(amd_brs_reset) CALL(anon_vma_init) CALL(apic_ap_setup) \
	CALL(arch_cpu_idle) CALL(boot_cpu_init) CALL(clear_IO_APIC) CALL(cpuidle_pause) \
	CALL(cpuset_unlock) CALL(ct_idle_enter) CALL(fib_trie_init) CALL(flush_tlb_all) \
	CALL(fpu__init_cpu) CALL(ftrace_caller) CALL(hlt_play_dead) CALL(hrtimers_init) \
	CALL(if6_proc_exit) CALL(igmp6_cleanup) CALL(init_ISA_irqs) CALL(init_bsp_APIC) \
	CALL(init_cpu_devs) CALL(init_gi_nodes) CALL(init_irq_proc) CALL(int3_selftest) \
	CALL(io_delay_init) CALL(irq_enter_rcu) CALL(irq_work_tick) CALL(kvm_apic_init) \
	CALL(kvmclock_init) CALL(lapic_offline) CALL(lru_add_drain) CALL(mm_cache_init) \
	CALL(mptcp_pm_init) CALL(ndisc_cleanup) CALL(node_dev_init) CALL(proc_tty_init) \
	CALL(raw_proc_exit) CALL(rcu_init_nohz) CALL(rcu_sysrq_end) CALL(schedule_idle) \
	CALL(seq_file_init) CALL(setup_IO_APIC) CALL(task_work_run) CALL(tracing_start) \
	CALL(use_tsc_delay) CALL(wait_bit_init) CALL(wake_up_klogd) CALL(x86_init_noop) \
	CALL(x86_numa_init) CALL(xfrm_dev_init) CALL(xfrm_flush_gc) CALL(acpi_init_lpit) \
	CALL(acpi_lpss_init) CALL(acpi_scan_init) CALL(audit_ctl_lock) CALL(audit_log_exit) \
	CALL(clear_bhb_loop) CALL(console_unlock) CALL(copy_page_regs) CALL(cpufreq_resume) \
	CALL(cpuidle_resume) CALL(cpus_read_lock) CALL(default_banner) CALL(delayacct_init) \
	CALL(do_sched_yield) CALL(do_sysctl_args) CALL(early_cpu_init) CALL(emergency_sync) \
	CALL(enable_IO_APIC) CALL(free_all_mmcfg) CALL(hpet_time_init) CALL(icmpv6_cleanup) \
	CALL(idt_invalidate) CALL(inet_initpeers) CALL(init_real_mode) CALL(iova_cache_put) \
	CALL(ip6_mr_cleanup) CALL(ipv6_frag_exit) CALL(kernel_fpu_end) CALL(kthread_parkme) \
	CALL(kvm_guest_init) CALL(lapic_shutdown) CALL(mark_rodata_ro) CALL(migrate_enable) \
	CALL(net_ns_barrier) CALL(orderly_reboot) CALL(pagecache_init) CALL(ping_proc_exit) \
	CALL(print_IO_APICs) CALL(proc_root_init) CALL(proc_self_init) CALL(pvclock_resume) \
	CALL(raw6_proc_exit) CALL(rcu_gp_cleanup) CALL(rcu_softirq_qs)

#define DECLARE(name) extern void name(void) __ksym;
#define CALL(name) name();

EVERY(DECLARE)

SEC("syscall") /* expect: too-many-kfuncs */ /* cause: 257 functions */
int all_at_once(void *ctx)
{
	EVERY(CALL)
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
