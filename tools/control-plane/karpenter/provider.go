package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	awsv1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/aws/karpenter-provider-aws/pkg/providers/amifamily"
	"github.com/awslabs/operatorpkg/status"
	"github.com/samber/lo"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/scheduling"
	"sigs.k8s.io/karpenter/pkg/utils/resources"
)

// Reasons of drift, named as the AWS provider names them.
const (
	nodeClassDrift cloudprovider.DriftReason = "NodeClassDrift"
	amiDrift       cloudprovider.DriftReason = "AMIDrift"
)

// On a node: it is Karpenter's, and by which class. The core puts it on NodeClaims.
var classLabel = karpv1.NodeClassLabelKey(schema.GroupKind{Group: "karpenter.k8s.aws", Kind: "EC2NodeClass"})

// Labels of an instance type that say what may be, not what is.
var neverLabels = []string{
	cloudprovider.ReservationIDLabel, awsv1.LabelCapacityReservationType, awsv1.LabelCapacityReservationInterruptible,
}

// provider stands where the AWS provider does: an instance is a Node object, there as soon as it is asked for and gone
// as soon as it is deleted.
type provider struct {
	client  client.Client
	catalog *catalog
}

func newProvider(kubeClient client.Client, catalogFile string) *provider {
	return &provider{client: kubeClient, catalog: &catalog{file: catalogFile}}
}

func (p *provider) Name() string { return "aws" }

func (p *provider) GetSupportedNodeClasses() []status.Object {
	return []status.Object{&awsv1.EC2NodeClass{}}
}

// RepairPolicies has none: repair is behind a feature gate that the chart leaves shut.
func (p *provider) RepairPolicies() []cloudprovider.RepairPolicy { return nil }

func (p *provider) GetInstanceTypes(ctx context.Context, pool *karpv1.NodePool) ([]*cloudprovider.InstanceType, error) {
	class, err := p.class(ctx, pool.Spec.Template.Spec.NodeClassRef.Name)
	if err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return p.catalog.of(ctx, class)
}

func (p *provider) Create(ctx context.Context, claim *karpv1.NodeClaim) (*karpv1.NodeClaim, error) {
	class, err := p.class(ctx, claim.Spec.NodeClassRef.Name)
	if apierrors.IsNotFound(err) {
		return nil, cloudprovider.NewInsufficientCapacityError(fmt.Errorf("resolving nodeclass, %w", err))
	}
	if err != nil {
		return nil, fmt.Errorf("resolving nodeclass, %w", err)
	}
	if err := checkReady(class); err != nil {
		return nil, err
	}
	known, err := p.catalog.of(ctx, class)
	if err != nil {
		return nil, cloudprovider.NewCreateError(err, "InstanceTypeResolutionFailed", "Error resolving instance types")
	}
	kind, offering := cheapest(claim, known)
	if kind == nil {
		return nil, cloudprovider.NewInsufficientCapacityError(
			errors.New("all requested instance types were unavailable during launch"))
	}
	node := newNode(claim, kind, offering)
	if err := p.client.Create(ctx, node); err != nil && !apierrors.IsAlreadyExists(err) {
		return nil, fmt.Errorf("making the node, %w", err)
	}
	launched := claimOf(node)
	launched.Annotations = map[string]string{
		awsv1.AnnotationEC2NodeClassHash:        class.Hash(lo.ToPtr("")),
		awsv1.AnnotationEC2NodeClassHashVersion: awsv1.EC2NodeClassHashVersion,
		awsv1.AnnotationInstanceProfile:         class.Status.InstanceProfile,
	}
	images := lo.Keys(amifamily.MapToInstanceTypes([]*cloudprovider.InstanceType{kind}, class.Status.AMIs))
	launched.Status.ImageID = lo.FirstOrEmpty(images)
	return launched, nil
}

// Delete finds nothing left: Karpenter deletes the Node, which is the instance, before it comes here.
func (p *provider) Delete(_ context.Context, claim *karpv1.NodeClaim) error {
	return cloudprovider.NewNodeClaimNotFoundError(fmt.Errorf("instance %s terminated", claim.Status.ProviderID))
}

func (p *provider) Get(ctx context.Context, providerID string) (*karpv1.NodeClaim, error) {
	nodes := &corev1.NodeList{}
	if err := p.client.List(ctx, nodes, client.MatchingFields{"spec.providerID": providerID}); err != nil {
		return nil, fmt.Errorf("finding the node, %w", err)
	}
	for i := range nodes.Items {
		// A node in deletion is drained while its NodeClaim is; by then the instance counts as ended, as with kwok's.
		if nodes.Items[i].DeletionTimestamp.IsZero() {
			return claimOf(&nodes.Items[i]), nil
		}
	}
	return nil, cloudprovider.NewNodeClaimNotFoundError(fmt.Errorf("no instance %s", providerID))
}

func (p *provider) List(ctx context.Context) ([]*karpv1.NodeClaim, error) {
	nodes := &corev1.NodeList{}
	if err := p.client.List(ctx, nodes, client.HasLabels{classLabel}); err != nil {
		return nil, fmt.Errorf("listing nodes, %w", err)
	}
	return lo.Map(nodes.Items, func(node corev1.Node, _ int) *karpv1.NodeClaim { return claimOf(&node) }), nil
}

// IsDrifted compares what a node was launched by with what its class says now: its static fields, and its images.
func (p *provider) IsDrifted(ctx context.Context, claim *karpv1.NodeClaim) (cloudprovider.DriftReason, error) {
	class, err := p.class(ctx, claim.Spec.NodeClassRef.Name)
	if err != nil {
		return "", client.IgnoreNotFound(err)
	}
	now, then := class.Annotations, claim.Annotations
	sameVersion := now[awsv1.AnnotationEC2NodeClassHashVersion] == then[awsv1.AnnotationEC2NodeClassHashVersion]
	if sameVersion && now[awsv1.AnnotationEC2NodeClassHash] != then[awsv1.AnnotationEC2NodeClassHash] {
		return nodeClassDrift, nil
	}
	known := lo.Map(class.Status.AMIs, func(image awsv1.AMI, _ int) string { return image.ID })
	if claim.Status.ImageID != "" && len(known) > 0 && !lo.Contains(known, claim.Status.ImageID) {
		return amiDrift, nil
	}
	return "", nil
}

// class returns a node class; one in deletion counts as not found, as in the AWS provider.
func (p *provider) class(ctx context.Context, name string) (*awsv1.EC2NodeClass, error) {
	class := &awsv1.EC2NodeClass{}
	if err := p.client.Get(ctx, types.NamespacedName{Name: name}, class); err != nil {
		return nil, err
	}
	if !class.DeletionTimestamp.IsZero() {
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: "karpenter.k8s.aws", Resource: "ec2nodeclasses"}, name)
	}
	return class, nil
}

func checkReady(class *awsv1.EC2NodeClass) error {
	ready := class.StatusConditions().Get(status.ConditionReady)
	switch {
	case ready.IsFalse():
		return cloudprovider.NewNodeClassNotReadyError(errors.New(ready.Message))
	case ready.IsUnknown():
		why := fmt.Errorf("resolving nodeclass readiness, nodeclass is in Ready=Unknown, %s", ready.Message)
		return cloudprovider.NewCreateError(why, "NodeClassReadinessUnknown", "NodeClass is in Ready=Unknown")
	case ready.ObservedGeneration != class.Generation:
		return cloudprovider.NewNodeClassNotReadyError(
			errors.New("nodeclass status has not been reconciled against the latest spec"))
	}
	return nil
}

// cheapest chooses as EC2 Fleet does by its lowest-price strategy. Equal prices, such as those of the zones, are dealt
// out by the claim's id.
func cheapest(
	claim *karpv1.NodeClaim, known []*cloudprovider.InstanceType,
) (kind *cloudprovider.InstanceType, chosen *cloudprovider.Offering) {
	wanted := scheduling.NewNodeSelectorRequirementsWithMinValues(claim.Spec.Requirements...)
	var rank uint32
	for _, it := range known {
		if wanted.Compatible(it.Requirements, scheduling.AllowUndefinedWellKnownLabels) != nil ||
			!resources.Fits(claim.Spec.Resources.Requests, it.Allocatable()) {
			continue
		}
		for _, offering := range it.Offerings.Available().Compatible(wanted) {
			drawn := draw(string(claim.UID), it.Name, offering.Zone())
			equal := chosen != nil && offering.Price == chosen.Price
			if chosen == nil || offering.Price < chosen.Price || equal && drawn < rank {
				kind, chosen, rank = it, offering, drawn
			}
		}
	}
	return kind, chosen
}

func draw(parts ...string) uint32 {
	sum := fnv.New32a()
	for _, part := range parts {
		_, _ = sum.Write([]byte(part + "\x00"))
	}
	return sum.Sum32()
}

func newNode(claim *karpv1.NodeClaim, kind *cloudprovider.InstanceType, offering *cloudprovider.Offering) *corev1.Node {
	labels := map[string]string{}
	for key, requirement := range kind.Requirements {
		if requirement.Len() == 1 && !lo.Contains(neverLabels, key) {
			labels[key] = requirement.Values()[0]
		}
	}
	for _, key := range []string{corev1.LabelTopologyZone, karpv1.CapacityTypeLabelKey, awsv1.LabelTopologyZoneID} {
		labels[key] = offering.Requirements.Get(key).Any()
	}
	labels[awsv1.LabelInstanceTenancy] = "default"
	own := map[string]string{corev1.LabelHostname: claim.Name, classLabel: claim.Spec.NodeClassRef.Name}
	notNone := func(_ corev1.ResourceName, quantity resource.Quantity) bool { return !quantity.IsZero() }
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:   claim.Name,
			Labels: lo.Assign(claim.Labels, labels, own),
			// Kubelets say so: it is the controller manager that attaches volumes.
			Annotations: map[string]string{"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
		},
		Spec: corev1.NodeSpec{
			ProviderID: fmt.Sprintf("aws:///%s/%s", offering.Zone(), instanceID(claim)),
			Taints:     []corev1.Taint{karpv1.UnregisteredNoExecuteTaint},
		},
		Status: corev1.NodeStatus{
			Capacity:    lo.PickBy(kind.Capacity, notNone),
			Allocatable: lo.PickBy(kind.Allocatable(), notNone),
		},
	}
}

// instanceID has the form of EC2's: i- and 17 hex digits.
func instanceID(claim *karpv1.NodeClaim) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(claim.UID))
	return fmt.Sprintf("i-0%016x", sum.Sum64())
}

func claimOf(node *corev1.Node) *karpv1.NodeClaim {
	labels := lo.OmitByKeys(node.Labels, []string{corev1.LabelHostname})
	return &karpv1.NodeClaim{
		ObjectMeta: metav1.ObjectMeta{
			Name:              node.Name,
			Labels:            labels,
			CreationTimestamp: node.CreationTimestamp,
			DeletionTimestamp: node.DeletionTimestamp,
		},
		Status: karpv1.NodeClaimStatus{
			NodeName:    node.Name,
			ProviderID:  node.Spec.ProviderID,
			Capacity:    node.Status.Capacity,
			Allocatable: node.Status.Allocatable,
		},
	}
}
