// Karpenter for rehearsals: its own core with all of its controllers, and a provider that makes Node objects, to which
// kwok is the kubelet, where the AWS provider would launch instances. It takes the core's own flags, and by
// --instance-types-file-path EC2's answers about instance types (see catalog.go).
package main

import (
	"context"
	"os"

	"github.com/aws/karpenter-provider-aws/pkg/controllers/nodeclass/hash"
	"github.com/samber/lo"
	corev1 "k8s.io/api/core/v1"
	kwokoptions "sigs.k8s.io/karpenter/kwok/options"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider/metrics"
	"sigs.k8s.io/karpenter/pkg/cloudprovider/overlay"
	"sigs.k8s.io/karpenter/pkg/controllers"
	"sigs.k8s.io/karpenter/pkg/controllers/state"
	"sigs.k8s.io/karpenter/pkg/operator"
)

// The volumes' own name for a zone, as the operator of the AWS provider knows it.
const volumeZone = "topology.ebs.csi.aws.com/zone"

func main() {
	karpv1.NormalizedLabels[volumeZone] = corev1.LabelTopologyZone
	// The options of the AWS provider, of which its reckoning of memory is one, demand a name; only launches use it.
	lo.Must0(os.Setenv("CLUSTER_NAME", "rehearsal"))
	lo.Must0(define(context.Background()))

	ctx, op := operator.NewOperator()
	bare := metrics.Decorate(newProvider(op.GetClient(), kwokoptions.FromContext(ctx).InstanceTypesFilePath))
	provider := overlay.Decorate(bare, op.GetClient(), op.InstanceTypeStore)
	cluster := state.NewCluster(op.Clock, op.GetClient(), provider)
	op.
		WithControllers(ctx, controllers.NewControllers(
			ctx, op.Manager, op.Clock, op.GetClient(), op.EventRecorder, provider, bare, cluster, op.InstanceTypeStore,
		)...).
		// What a node was launched by is known again by this hash: a change of the class is drift.
		WithControllers(ctx, hash.NewController(op.GetClient(), lo.ToPtr(""))).
		Start(ctx)
}
